/** Runs the shell steps of the workflow that releases, as GitHub does, with programs that stand in for its services. */

import assert from "node:assert/strict";
import { load } from "js-yaml";
import { writeProgram } from "./executable_files.ts";
import { fieldsOf } from "./fields_of.ts";
import { fakeArcade, writeFakeRelease } from "./fake_release.ts";
import { pathOf } from "./programs.ts";
import { ROOT } from "./root.ts";
import { SigningKey } from "./signing_key.ts";
import { succeeds } from "./test_machine.ts";

export const WORKFLOW = fieldsOf(
  load(Deno.readTextFileSync(`${ROOT}/.github/workflows/release.yml`)),
);

/** gh with releases in the folder GH_STATE: a folder per tag. It knows the flags that the steps use, and no other. */
const GH = `
[ "$1" = release ] || exit 2
command=$2
shift 2
if [ "$command" = list ]; then
  for release in "$GH_STATE"/*/; do
    [ ! -d "$release" ] || echo "$(basename "$release") $(cat "$release/draft") $(cat "$release/prerelease")"
  done
  exit
fi
release=$GH_STATE/$1
shift
if [ "$command" = create ]; then mkdir "$release" || exit; mkdir "$release/assets"; fi
[ -d "$release" ] || exit 1
while [ $# -gt 0 ]; do
  case $1 in
    --draft) echo true >"$release/draft" ;;
    --draft=* | --prerelease=* | --latest=*) name=\${1#--}; echo "\${1#*=}" >"$release/\${name%%=*}" ;;
    --notes-file) cp "$2" "$release/notes"; shift ;;
    --title) shift ;;
    --verify-tag | --clobber | --) ;;
    --pattern) cat "$release/assets/$2"; shift ;;
    --output) [ "$2" = - ] || exit 2; shift ;;
    -*) echo "unknown flag $1" >&2; exit 2 ;;
    *) cp "$1" "$release/assets/" ;;
  esac
  shift
done`;

/** A program that fails once, before or after it has run: at the call FAIL_AT of all such programs. */
function failing(program: string): string {
  return `#!/bin/sh
echo >>"$CALLS"
fails=$([ "$(wc -l <"$CALLS")" -ne "\${FAIL_AT:-0}" ] || echo yes)
[ "$fails$FAIL_WHEN" != yesbefore ] || exit 128
(
${program}
)
code=$?
[ -z "$fails" ] || exit 128
exit $code
`;
}

/** The result of a step. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  /** The outputs of the step. */
  readonly outputs: Readonly<Record<string, string>>;
  /** How many programs that can be made to fail have run. */
  readonly calls: number;
}

/** Which call fails, counted from 1, and whether it does before or after its work. */
export interface Fault {
  readonly at: number;
  readonly when: "before" | "after";
}

/** The machines of the workflow, and the services that it talks to. */
export class Rehearsal implements AsyncDisposable {
  readonly key: SigningKey;
  readonly tap: string;
  readonly bucket: string;
  /** The checked out files, and the downloaded artifacts in `release`. */
  readonly work: string;
  readonly #folder: string;

  private constructor(folder: string, key: SigningKey) {
    this.#folder = folder;
    this.key = key;
    this.tap = `${folder}/tap.git`;
    this.bucket = `${folder}/bucket.git`;
    this.work = `${folder}/work`;
  }

  /** Checks out the repository, and downloads a release of this version, which is not signed. */
  static async start(version: string): Promise<Rehearsal> {
    const folder = Deno.makeTempDirSync({ prefix: "arcade-rehearsal-" });
    const rehearsal = new Rehearsal(folder, await SigningKey.generate());
    const scripts = `${rehearsal.work}/scripts/release`;
    for (const path of [`${folder}/bin`, `${folder}/releases`, scripts]) {
      Deno.mkdirSync(path, { recursive: true });
    }
    for (const { name } of Deno.readDirSync(`${ROOT}/scripts/release`)) {
      if (!/\.(?:sh|plist)$/.test(name)) continue;
      Deno.copyFileSync(`${ROOT}/scripts/release/${name}`, `${scripts}/${name}`);
    }
    const { publicKey } = rehearsal.key;
    Deno.writeTextFileSync(`${scripts}/allowed_signers`, `arcade-release ${publicKey} a comment\n`);
    rehearsal.install("gh", failing(GH));
    for (const program of ["git", "ssh-keygen"]) {
      rehearsal.install(program, failing(`exec '${pathOf(program)}' "$@"`));
    }
    for (const path of [rehearsal.tap, rehearsal.bucket]) {
      assert(succeeds("git", "init", "--quiet", "--bare", "--initial-branch=main", path));
    }
    await rehearsal.download(version);
    return rehearsal;
  }

  /** Replaces the artifacts by a release of this version, which is not signed. */
  async download(version: string, program = this.#program(version)): Promise<void> {
    const folder = `${this.work}/release`;
    if (exists(folder)) Deno.removeSync(folder, { recursive: true });
    await writeFakeRelease(folder, { version, key: this.key, program });
    Deno.removeSync(`${folder}/SHA256SUMS.sig`);
  }

  #program(version: string): string {
    return `${fakeArcade(version)}# ${this.key.publicKey}\n`;
  }

  /** Puts a program into PATH. */
  install(name: string, script: string): void {
    writeProgram(`${this.#folder}/bin/${name}`, script);
  }

  /** Runs the shell step of a job, as GitHub does. */
  async run(job: string, { values = {}, fault, step: name }: {
    /** The name of the step; the last one by default. */
    readonly step?: string;
    /** The values of expressions, such as `secrets.TOKEN`. Others are empty. */
    readonly values?: Readonly<Record<string, string>>;
    readonly fault?: Fault | undefined;
  } = {}): Promise<Ended> {
    const path = `${this.#folder}/outputs`;
    const calls = `${this.#folder}/calls`;
    for (const file of [path, calls]) Deno.writeTextFileSync(file, "");
    const step = shellStepOf(job, name);
    const env = Object.entries(fieldsOf(step.env)).map(([name, value]) => [
      name,
      String(value).replace(/\$\{\{ (.*?) \}\}/g, (_, expression) => values[expression] ?? ""),
    ]);
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-e", "-c", String(step.run)],
      cwd: this.work,
      env: {
        PATH: `${this.#folder}/bin:${Deno.env.get("PATH")}`,
        GITHUB_OUTPUT: path,
        GITHUB_REF_TYPE: "tag",
        GH_STATE: `${this.#folder}/releases`,
        CALLS: calls,
        FAIL_AT: String(fault?.at ?? 0),
        FAIL_WHEN: fault?.when ?? "",
        ...Object.fromEntries(env),
        GITHUB_REF_NAME: values["github.ref_name"] ?? "",
      },
      stdin: "null",
    }).output();
    const lines = Deno.readTextFileSync(path).split("\n").filter(Boolean);
    return {
      code,
      output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr),
      outputs: Object.fromEntries(lines.map((line) => line.split("="))),
      calls: Deno.readTextFileSync(calls).length,
    };
  }

  /** A release at GitHub, and the names of its files. */
  published(tag: string): Record<string, string | readonly string[]> | undefined {
    const folder = `${this.#folder}/releases/${tag}`;
    if (!exists(folder)) return undefined;
    const field = (name: string) => {
      const path = `${folder}/${name}`;
      return exists(path) ? Deno.readTextFileSync(path).trim() : "";
    };
    const files = [...Deno.readDirSync(`${folder}/assets`)].map(({ name }) => name).sort();
    return Object.fromEntries([
      ...["draft", "prerelease", "latest"].map((name) => [name, field(name)]),
      ["files", files],
    ]);
  }

  /** The content of a file in a bare repository, and the number of its commits; undefined without one. */
  async committed(
    repository: string,
    path: string,
  ): Promise<{ readonly content: string; readonly commits: number } | undefined> {
    const git = async (...args: readonly string[]) => {
      const { success, stdout } = await new Deno.Command("git", {
        args: ["-C", repository, ...args],
        stderr: "null",
      }).output();
      return success ? new TextDecoder().decode(stdout) : undefined;
    };
    const content = await git("show", `main:${path}`);
    return content === undefined
      ? undefined
      : { content, commits: Number(await git("rev-list", "--count", "main")) };
  }

  read(file: string): string {
    return Deno.readTextFileSync(`${this.work}/release/${file}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.key[Symbol.asyncDispose]();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

function shellStepOf(job: string, name: string | undefined): Record<string, unknown> {
  const { steps } = fieldsOf(fieldsOf(WORKFLOW.jobs)[job]);
  assert(Array.isArray(steps), `There is no job ${job}`);
  const found = steps.map(fieldsOf).findLast((step) =>
    "run" in step && (name === undefined || step.name === name)
  );
  assert(found);
  return found;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}
