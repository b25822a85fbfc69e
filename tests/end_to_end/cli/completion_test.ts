import assert from "node:assert/strict";
import { type ShellName, SHELLS } from "../../../src/commands/completion/shells/shell.ts";
import { loadShell } from "../../../src/commands/completion/load_shell.ts";
import { withoutTerminal } from "../../support/terminal.ts";
import {
  BINARY,
  isAvailable,
  type Running,
  succeeds,
  TestMachine,
} from "../../support/test_machine.ts";
import { shellWord } from "../../../src/text/shell_word.ts";

const TAB = "\t";
const ENTER = "\r";
/** A shell that executes any part of this name creates a file, or passes another name. */
const NAME = 'it\'s "$(touch pwned)" `touch pwned`; touch pwned & !! $HOME * ~ \\ #{x} é';

interface TestShell {
  readonly program: string;
  /** Writes a startup file with the prompt `ready> `, and returns the command line of the shell. */
  readonly start: (folder: string) => string;
  /** The text after a word completed by Tab. */
  readonly gap: "" | " ";
  readonly quotes: readonly string[];
}

/** The supported shells. Each finds its completion script in the folder. */
const TEST_SHELLS: Readonly<Record<Exclude<ShellName, "powershell">, TestShell>> = {
  bash: {
    program: "bash",
    start(folder) {
      Deno.writeTextFileSync(
        `${folder}/start`,
        `. ${shellWord(`${folder}/arcade.bash`)}\nPS1='ready> '\n`,
      );
      return `bash --rcfile ${shellWord(`${folder}/start`)} -i`;
    },
    gap: "",
    quotes: ["", "'", '"'],
  },
  zsh: {
    program: "zsh",
    start(folder) {
      const lines = ["fpath=($ZDOTDIR $fpath)", "autoload -Uz compinit", "compinit -u -D"];
      const text = [...lines, "PS1='ready> '"].map((line) => `${line}\n`).join("");
      Deno.writeTextFileSync(`${folder}/.zshrc`, text);
      return `env ZDOTDIR=${shellWord(folder)} zsh -i`;
    },
    gap: "",
    quotes: ["", "'", '"'],
  },
  fish: {
    program: "fish",
    start(folder) {
      const prompt = "function fish_prompt; echo -n 'ready> '; end";
      Deno.writeTextFileSync(
        `${folder}/start`,
        `source ${shellWord(`${folder}/arcade.fish`)}\n${prompt}\n`,
      );
      return `fish --no-config --private -i -C ${
        shellWord(`source ${shellWord(`${folder}/start`)}`)
      }`;
    },
    gap: "",
    quotes: ["", "'", '"'],
  },
  nushell: {
    program: "nu",
    start(folder) {
      const lines = [
        `source ${JSON.stringify(`${folder}/arcade.nu`)}`,
        "$env.config.show_banner = false",
        "$env.PROMPT_COMMAND = 'ready'",
        "$env.PROMPT_COMMAND_RIGHT = ''",
      ];
      Deno.writeTextFileSync(`${folder}/start`, lines.map((line) => `${line}\n`).join(""));
      return `nu --config ${shellWord(`${folder}/start`)} --no-history`;
    },
    gap: " ",
    quotes: [""],
  },
};

/** A machine with a context called {@link NAME}. */
function machineWithContext(): TestMachine {
  const machine = new TestMachine();
  machine.env.PATH = `${BINARY.replace(/\/[^/]+$/, "")}:${Deno.env.get("PATH")}`;
  Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
  const contexts = `{ ${JSON.stringify(NAME)}: { kind: cloud } }`;
  Deno.writeTextFileSync(machine.credentials, `cloud:\n  contexts: ${contexts}\n`, { mode: 0o600 });
  Deno.writeTextFileSync(`${machine.home}/token of mine.txt`, "token");
  return machine;
}

async function startShell(machine: TestMachine, name: keyof typeof TEST_SHELLS): Promise<Running> {
  const { file, script } = await loadShell(name);
  Deno.writeTextFileSync(`${machine.path}/${file}`, script);
  const line = `stty rows 24 cols 200; exec ${TEST_SHELLS[name].start(machine.path)}`;
  const shell = machine.startProgram(["script", "-qefc", line, "/dev/null"], {
    isTyped: true,
    env: { SHELL: "/bin/sh", TERM: "xterm", NO_COLOR: "1", LC_ALL: "C.UTF-8" },
  });
  if (name === "nushell") answerQueries(shell);
  return shell;
}

/** Answers a shell's queries for the cursor position, as a terminal does. */
async function answerQueries(shell: Running): Promise<void> {
  try {
    for (let count = 1;; count++) {
      await shell.printed(new RegExp(String.raw`(?:\x1b\[6n[^]*?){${count}}`));
      await shell.type("\x1b[1;1R");
    }
  } catch {
    // The shell has exited.
  }
}

for (const name of SHELLS) {
  if (name === "powershell") continue; // not available on test machines
  const { program, gap, quotes } = TEST_SHELLS[name];
  const ignore = withoutTerminal || !isAvailable(program, () => succeeds(program, "--version"));

  Deno.test(
    { name: `${name} completes commands, flags, names and files by Tab`, ignore },
    async () => {
      await using machine = machineWithContext();
      const shell = await startShell(machine, name);
      /** Types a line at the prompt, and waits until its result was printed that many times. */
      const run = async (line: string, result: string, count = 1) => {
        await shell.printed(/ready> ?[^]{0,200}$/);
        await shell.type(line + ENTER);
        const pattern = result.replace(/[^\w ]/g, "\\$&");
        await shell.printed(new RegExp(`(?:${pattern}[^]*?){${count}}ready> ?[^]{0,200}$`));
      };
      const shown = `"name": ${JSON.stringify(NAME)}`;
      for (const [i, quote] of quotes.entries()) {
        const words = i === 0
          ? `cont${TAB}${gap}sh${TAB}${gap}--js${TAB}${gap}`
          : "context show --json ";
        await run(`arcade ${words}${quote}${TAB}`, shown, i + 1);
      }
      await run(
        `arcade identity add --hub musehub.ai --token-file tok${TAB}`,
        "Added the identity for musehub.ai",
      );
      if (name === "bash") {
        const script = "# Completion of arcade for bash.";
        await run(`arcade completion bash > tok${TAB}; head -1 token*`, script);
      }
      const files = [...Deno.readDirSync(machine.home)].map(({ name }) => name);
      assert(!files.includes("pwned"), "The shell executed a part of the name");
      // When its terminal closes, a shell may write its history while the folder is being removed.
      await shell.type(`exit${ENTER}`);
      await shell.end();
    },
  );
}
