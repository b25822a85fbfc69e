/** A small release with fake arcade programs, and a server that publishes it like the repository. */

import { assemble } from "../../scripts/release/assemble.ts";
import type { Release } from "../../scripts/release/release.ts";
import { SigningKey } from "./signing_key.ts";
import { readRepository } from "../../scripts/repository.ts";
import { executableName, forEachTarget } from "../../scripts/targets.ts";
import { Answers, type Seen } from "./answers.ts";

const FILES = [
  "LICENSE",
  "THIRD_PARTY_NOTICES",
  "man/arcade.1",
  "man/arcade-secret.1",
  "completions/arcade.bash",
  "completions/_arcade",
  "completions/arcade.fish",
  "completions/arcade.ps1",
  "completions/arcade.nu",
];

/** A program that answers `--version`, and otherwise fails like arcade without a login. */
export function fakeArcade(version: string): string {
  return `#!/bin/sh
[ "$*" != --version ] || { echo ${version}; exit 0; }
[ "$*" != wait ] || { echo waiting; read -r line; echo "got $line"; exit 0; }
echo 'Error: Not logged in' >&2
exit 4
`;
}

export interface FakeReleaseOptions {
  readonly version?: string;
  readonly repository?: string;
  readonly key: SigningKey;
  /** The program; {@link fakeArcade} by default. */
  readonly program?: string;
  readonly isForPublication?: boolean;
}

/** Writes a release to a folder, which is created. */
export async function writeFakeRelease(folder: string, options: FakeReleaseOptions): Promise<void> {
  const { version = "1.2.3", key, isForPublication = true } = options;
  const release: Release = {
    version,
    repository: readRepository(options.repository ?? "https://github.com/example/arcade"),
    time: 1_700_000_000,
    publicKeys: [key.publicKey],
    isForPublication,
  };
  const work = Deno.makeTempDirSync({ prefix: "arcade-release-" });
  Deno.mkdirSync(folder, { recursive: true });
  try {
    const executables = await forEachTarget((target) => {
      Deno.mkdirSync(`${work}/${target}`);
      const path = `${work}/${target}/${executableName(target)}`;
      Deno.writeTextFileSync(path, options.program ?? fakeArcade(version));
      return Promise.resolve(path);
    });
    const files = FILES.map((path) => ({
      path,
      content: new TextEncoder().encode(`${path}\n`),
      isExecutable: false,
    }));
    await assemble(release, { executables, files, changes: "- A change", sbom: "{}\n" }, folder);
    await key.sign(`${folder}/SHA256SUMS`);
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

/** A repository with releases on this machine. */
export class FakeRepository implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "arcade-repository-" });
  readonly #answers: Answers;
  #key: SigningKey | undefined;
  /** Responses instead of files, by name. */
  readonly instead = new Map<string, () => Response>();
  /** The response about the newest version, instead of a redirect. */
  latest: (() => Response) | undefined;
  /** The newest version; undefined until a release is published. */
  newest: string | undefined;

  constructor() {
    this.#answers = new Answers(({ path }) => {
      if (path === "/example/arcade/releases/latest" && this.latest) return this.latest();
      if (path === "/example/arcade/releases/latest" && this.newest !== undefined) {
        const location = `${this.url}/releases/tag/v${this.newest}`;
        return new Response(null, { status: 302, headers: { location } });
      }
      const [, version, file = ""] =
        /^\/example\/arcade\/releases\/download\/v([^/]+)\/([^/]+)$/.exec(path) ?? [];
      const other = this.instead.get(file);
      if (other) return other();
      try {
        return new Response(Deno.readFileSync(`${this.folder}/${version}/${file}`));
      } catch {
        return new Response("Not Found", { status: 404 });
      }
    });
  }

  get url(): string {
    return `${this.#answers.url}/example/arcade`;
  }

  get requests(): readonly Seen[] {
    return this.#answers.seen;
  }

  /** The names of the files that were downloaded. */
  get downloaded(): string[] {
    return this.#answers.seen.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  }

  /** @returns the public key of the release, which is the same for all of this repository. */
  async publish(version: string, options: { readonly program?: string } = {}): Promise<string> {
    const key = this.#key ??= await SigningKey.generate(this.folder);
    await writeFakeRelease(`${this.folder}/${version}`, {
      version,
      repository: this.url,
      key,
      ...options,
    });
    this.newest = version;
    return key.publicKey;
  }

  /** The path of a file of a release. */
  path(version: string, file: string): string {
    return `${this.folder}/${version}/${file}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answers[Symbol.asyncDispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}
