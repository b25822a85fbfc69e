/** A project folder for one test, removed at its end. */
export class ProjectFolder implements Disposable {
  readonly #parent = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "arcade-test-" }));
  readonly path: string;

  /** @param files the contents of files by path; a path with a final slash is an empty folder. */
  constructor(files: Readonly<Record<string, string>>, name = "project") {
    this.path = `${this.#parent}/${name}`;
    Deno.mkdirSync(this.path);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string): void {
    const file = `${this.path}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    if (!path.endsWith("/")) Deno.writeTextFileSync(file, content);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#parent, { recursive: true });
  }
}
