/**
 * `deno task picture`: generates docs/session.svg, the picture of a session in the README, from the real output of the built
 * binary on a pseudo-terminal. Needs Linux with `script` (util-linux), uv on PATH, PyPI, and dist/arcade.
 */

import { shellWord } from "../src/text/shell_word.ts";
import { output } from "./process.ts";

const COLUMNS = 92;
const CHARACTER = { width: 8.4, height: 19 };
const MARGIN = 18;

const STYLES: Record<string, string> = {
  "1": "font-weight:bold",
  "2": "opacity:.6",
  "31": "fill:#ff7b72",
  "32": "fill:#7ee787",
  "33": "fill:#e3b341",
  "36": "fill:#79c0ff",
};
const CLOSES: Record<string, readonly string[]> = {
  "22": ["1", "2"],
  "39": ["31", "32", "33", "36"],
};

const root = `${import.meta.dirname}/../`;
const home = await Deno.makeTempDir({ prefix: "arcade-picture-" });
const server = new Deno.Command(`${root}dist/arcade`, {
  args: ["local", "serve", "--port", "0", "--data", `${home}/local`, "--auto-approve", "--json"],
  stdin: "null",
  stdout: "piped",
}).spawn();
try {
  const first = await server.stdout.getReader().read();
  const { url }: { url: string } = JSON.parse(new TextDecoder().decode(first.value));
  await Deno.writeTextFile(
    `${home}/browser`,
    `#!/bin/sh\nexec ${
      [Deno.execPath(), "run", "--allow-net", `${import.meta.dirname}/visitor.ts`].map(shellWord)
        .join(" ")
    } "$1"\n`,
    { mode: 0o755 },
  );
  const env = {
    ARCADE_COORDINATOR_URL: url,
    ARCADE_ENGINE_URL: url,
    ARCADE_WORK_DIR: `${home}/.arcade`,
    HOME: home,
    ARCADE_API_KEY: "",
    ARCADE_IDENTITY_FILE: "",
    ARCADE_POSTHOG_KEY: "",
    ARCADE_TOKEN: "",
    BROWSER: `${home}/browser`,
    PATH: `${root}dist:${Deno.env.get("PATH")}`,
    TERM: "xterm-256color",
    NO_COLOR: "",
  };
  const lines: string[] = [];
  await output(`${root}dist/arcade`, ["login", "--callback-port", "0", "--browser"], {
    cwd: home,
    env,
  });
  let cwd = home;
  for (
    const command of [
      "arcade new weather",
      "cd weather",
      "cp .env.example .env",
      "arcade dev",
      "arcade deploy",
      "arcade tool call Weather.Greet --name Ada",
      "arcade connect cursor --server Weather",
    ]
  ) {
    if (command.startsWith("cd ")) {
      cwd += `/${command.slice(3)}`;
      lines.push(`\x1b[32m$\x1b[39m \x1b[1m${command}\x1b[22m`, "");
      continue;
    }
    const words = ["-qec", `stty cols ${COLUMNS} rows 40; ${command}; true`, "/dev/null"];
    const shown = command === "arcade dev"
      ? await untilKeys(words, { cwd, env })
      : await output("script", words, { cwd, env });
    lines.push(`\x1b[32m$\x1b[39m \x1b[1m${command}\x1b[22m`);
    // deno-lint-ignore no-control-regex
    const lasting = shown.replaceAll("\r", "").replace(/[^\n]*\x1b\[2K/g, ""); // without status lines
    const short = lasting.replaceAll(home, "~")
      // What the server prints, each line with its time or a bar before it.
      .replace(/(?:^\S*(?:\[\d{4}-|\|).*\n)+/gm, "  … the log of the server\n")
      .replace(/(?<=\?token=)\S+/g, "…");
    lines.push(...short.trimEnd().split("\n").flatMap(wrap), "");
  }
  await Deno.mkdir(`${root}docs`, { recursive: true });
  await Deno.writeTextFile(`${root}docs/session.svg`, picture(lines.slice(0, -1)));
} finally {
  server.kill("SIGINT");
  await server.status;
  await Deno.remove(home, { recursive: true });
}

/** Runs a program on a terminal until it tells its keys, then quits it with one, and returns what it printed before. */
async function untilKeys(
  words: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<string> {
  const child = new Deno.Command("script", {
    ...options,
    args: [...words],
    stdin: "piped",
    stdout: "piped",
    signal: AbortSignal.timeout(120_000),
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let text = "";
  let shown = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (shown === "" && /^Keys: [^\n]*\n/m.test(text)) {
      shown = text;
      await keyboard.write(new TextEncoder().encode("q"));
      await keyboard.close();
    }
  }
  await child.status;
  return shown;
}

/** Breaks a line like the terminal. */
function wrap(line: string): string[] {
  // deno-lint-ignore no-control-regex
  const bare = line.replace(/\x1b\[[0-9;]*m/g, "");
  if (bare.length <= COLUMNS) return [line];
  return bare.match(new RegExp(`.{1,${COLUMNS}}`, "gu")) ?? [];
}

function picture(lines: readonly string[]): string {
  const width = Math.ceil(COLUMNS * CHARACTER.width + 2 * MARGIN);
  const height = Math.ceil(lines.length * CHARACTER.height + 2 * MARGIN);
  const text = lines.map((line, i) => {
    const y = MARGIN + (i + 0.75) * CHARACTER.height;
    return `<text x="${MARGIN}" y="${y.toFixed(1)}" xml:space="preserve">${spans(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A session in a terminal: create a server, run it while it is written, deploy it, call a tool, connect an MCP client">
<style>text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d7dce2 }</style>
<rect width="100%" height="100%" rx="8" fill="#16191d"/>
${text.join("\n")}
</svg>
`;
}

/** Converts a line with SGR sequences to SVG text. */
function spans(line: string): string {
  let on: string[] = [];
  // deno-lint-ignore no-control-regex
  return line.split(/(\x1b\[[0-9;]*m)/).map((part) => {
    // deno-lint-ignore no-control-regex
    const code = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
    if (code !== undefined) {
      on = code in STYLES ? [...on, code] : on.filter((one) => !(CLOSES[code] ?? []).includes(one));
      return "";
    }
    const escaped = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const style = on.map((one) => STYLES[one]).join(";");
    return style && escaped ? `<tspan style="${style}">${escaped}</tspan>` : escaped;
  }).join("");
}
