import assert from "node:assert/strict";
import fc from "fast-check";
import { unpackTar } from "modern-tar";
import { archiveOf, unpackTo } from "../../../../src/commands/shared/project/archive.ts";
import * as projectFiles from "../../../../src/commands/shared/project/project_files.ts";
import { Failure } from "../../../../src/failure.ts";
import { ProjectFolder } from "../../../support/project_folder.ts";
import { withoutPipes } from "../../../support/programs.ts";

/** Finds the files of a project without git. */
function findFiles(folder: string): Promise<projectFiles.ProjectFiles> {
  return projectFiles.findFiles(folder, { env: {}, os: "linux", timeoutMs: () => 10_000 });
}

async function bytesOf(folder: string, onRead?: (bytes: number) => void): Promise<Uint8Array> {
  return await new Response(archiveOf(await findFiles(folder), onRead && { onRead })).bytes();
}

/** The names in an archive. */
async function namesIn(folder: string): Promise<string[]> {
  return (await unpacked(await bytesOf(folder))).map(({ header }) => header.name);
}

async function unpacked(archive: Uint8Array) {
  const tar = new Blob([new Uint8Array(archive)]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return await unpackTar(tar);
}

const files = {
  "server.py": "print('hello')\n",
  "pyproject.toml": "[project]\n",
  "src/weather/__init__.py": "",
  "data/": "",
};

Deno.test("the archive has the files in one folder, with fixed modes and times", async () => {
  using project = new ProjectFolder(files);
  Deno.chmodSync(`${project.path}/server.py`, 0o740);
  Deno.chmodSync(`${project.path}/pyproject.toml`, 0o600);
  Deno.symlinkSync("../pyproject.toml", `${project.path}/src/link`);
  const entries = await unpacked(await bytesOf(project.path));
  assert.deepEqual(
    entries.map(({ header: { name, type, mode, uid, gid, mtime, linkname } }) => {
      assert.deepEqual([uid, gid, mtime?.getTime()], [0, 0, 0]);
      return [name, type, mode?.toString(8), linkname];
    }),
    [
      ["project/", "directory", "755", ""],
      ["project/data/", "directory", "755", ""],
      ["project/pyproject.toml", "file", "644", ""],
      ["project/server.py", "file", "755", ""],
      ["project/src/", "directory", "755", ""],
      ["project/src/link", "symlink", "777", "../pyproject.toml"],
      ["project/src/weather/", "directory", "755", ""],
      ["project/src/weather/__init__.py", "file", "644", ""],
    ],
  );
  const server = entries.find(({ header }) => header.name === "project/server.py");
  assert.equal(new TextDecoder().decode(server?.data), "print('hello')\n");
});

Deno.test("an unpacked copy has the files of the archive and nothing else", async () => {
  using project = new ProjectFolder({ ...files, ".env": "KEY=1", "build/x": "" });
  Deno.chmodSync(`${project.path}/server.py`, 0o755);
  Deno.symlinkSync("../server.py", `${project.path}/src/link`);
  using copy = new ProjectFolder({});
  await unpackTo(await findFiles(project.path), copy.path);
  const [first, ...names] = await namesIn(project.path);
  assert.equal(first, "project/");
  assert.deepEqual(await namesIn(copy.path), [first, ...names]);
  assert.deepEqual(await bytesOf(copy.path), await bytesOf(project.path));
});

Deno.test("a file that changed after it was found is not unpacked", async () => {
  using project = new ProjectFolder(files);
  using copy = new ProjectFolder({});
  const found = await findFiles(project.path);
  project.write("server.py", "something else");
  await assert.rejects(
    unpackTo(found, copy.path),
    /^Failure: server\.py changed while it was being read$/,
  );
  await assert.rejects(
    unpackTo(await findFiles(project.path), `${project.path}/server.py/folder`),
    /^Failure: Cannot copy the project to a temporary folder$/,
  );
});

Deno.test("the same files give the same bytes, at any time and place", async () => {
  using one = new ProjectFolder(files);
  using other = new ProjectFolder(Object.fromEntries(Object.entries(files).reverse()));
  Deno.utimeSync(`${other.path}/server.py`, 1, 1);
  const first = await bytesOf(one.path);
  assert.deepEqual(await bytesOf(other.path), first);
  assert.deepEqual([...first.slice(4, 8)], [0, 0, 0, 0], "The gzip header has a time");
});

Deno.test("the entries are in byte order", async () => {
  using project = new ProjectFolder({
    "b": "",
    "a/x": "",
    "a.b": "",
    "B": "",
    "\uFFEE": "",
    "😀": "",
  });
  assert.deepEqual((await namesIn(project.path)).slice(1), [
    "project/B",
    "project/a/",
    "project/a.b",
    "project/a/x",
    "project/b",
    "project/\uFFEE",
    "project/😀",
  ]);
});

Deno.test("long and non-ASCII names are kept", async () => {
  const long = `${"folder-".repeat(30)}/${"ü".repeat(100)}.py`;
  using project = new ProjectFolder({ [long]: "long", "漢字.py": "" }, "projekt-ä");
  project.write("x".repeat(200), "");
  Deno.symlinkSync("x".repeat(200), `${project.path}/link`);
  const entries = await unpacked(await bytesOf(project.path));
  const names = entries.map(({ header }) => header.name);
  assert(names.includes(`projekt-ä/${long}`), names.join("\n"));
  assert(names.includes("projekt-ä/漢字.py"));
  assert(entries.some(({ header }) => header.linkname === "x".repeat(200)));
  for (const { header, data } of entries) {
    if (header.name.endsWith(long)) assert.equal(new TextDecoder().decode(data), "long");
  }
});

for (const name of ["build", "dist", ".hidden", "venv", "a.lock"]) {
  Deno.test(`a project in a folder named ${name} has all its files`, async () => {
    using project = new ProjectFolder({ "server.py": "", "build/x": "" }, name);
    assert.deepEqual(await namesIn(project.path), [`${name}/`, `${name}/server.py`]);
  });
}

Deno.test("the archive omits the same files as the Python CLI, and environments and packages", async () => {
  using project = new ProjectFolder({
    ".git/config": "",
    ".venv/x": "",
    "a/.cache": "",
    "a/__pycache__/x.pyc": "",
    "a.egg-info/x": "",
    "uv.lock": "",
    "dist/x": "",
    "a/build/x": "",
    "venv/x": "",
    "node_modules/x/y": "",
    "a/kept.py": "",
  });
  assert.deepEqual(await namesIn(project.path), ["project/", "project/a/", "project/a/kept.py"]);
});

Deno.test(".gitignore and .arcadeignore apply in every folder", async () => {
  using project = new ProjectFolder({
    ".gitignore": "*.log\n/data/*\n!/data/kept\n!build\n",
    ".arcadeignore": "tests/\n!uv.lock\n!important.log\n",
    "sub/.gitignore": "!a.log\nlocal\n",
    "sub/.arcadeignore": "!dist\n",
    "a.log": "",
    "important.log": "",
    "data/kept": "",
    "data/other": "",
    "build/x": "",
    "uv.lock": "",
    "tests/test.py": "",
    "sub/a.log": "",
    "sub/b.log": "",
    "sub/local/x": "",
    "sub/dist/x": "",
    "local": "",
  });
  const kept = ["data/", "data/kept", "important.log", "local"];
  const below = ["sub/", "sub/a.log", "sub/dist/", "sub/dist/x", "uv.lock"];
  assert.deepEqual(
    await namesIn(project.path),
    ["", ...kept, ...below].map((one) => `project/${one}`),
  );
});

Deno.test(".gitignore files of the surrounding repository apply, as in git", async () => {
  using repository = new ProjectFolder({
    ".gitignore": "*.sqlite\n/servers/*/dumps/\n/kept\n*.log\n",
    ".arcadeignore": "server.py\n",
    "servers/.gitignore": "!my.log\n",
    "servers/weather/.gitignore": "!own.sqlite\n",
    "servers/weather/server.py": "",
    "servers/weather/users.sqlite": "",
    "servers/weather/own.sqlite": "",
    "servers/weather/dumps/x": "",
    "servers/weather/kept": "",
    "servers/weather/my.log": "",
    "servers/weather/a.log": "",
  });
  const folder = `${repository.path}/servers/weather`;
  const names = async () => (await namesIn(folder)).slice(1).map((name) => name.slice(8));
  const all = ["a.log", "dumps/", "dumps/x", "kept", "my.log", "own.sqlite", "server.py"];
  assert.deepEqual(await names(), [...all, "users.sqlite"]);
  Deno.mkdirSync(`${repository.path}/.git`);
  assert.deepEqual(await names(), ["kept", "my.log", "own.sqlite", "server.py"]);
  // The repository ignores the project itself, which is deployed anyway.
  repository.write(".gitignore", "*.sqlite\n/servers/wea*\n");
  assert.deepEqual(await names(), [...all, "users.sqlite"]);
  Deno.mkdirSync(`${folder}/.git`);
  repository.write(".gitignore", "*\n");
  assert.deepEqual(await names(), [...all, "users.sqlite"]);
});

Deno.test("an ignore file that is too large is rejected", async () => {
  using project = new ProjectFolder({ "server.py": "", "sub/.arcadeignore": "" });
  Deno.truncateSync(`${project.path}/sub/.arcadeignore`, 2 ** 40);
  await assert.rejects(
    findFiles(project.path),
    /^Failure: sub\/.arcadeignore is larger than 1 MiB$/,
  );
});

Deno.test("files that may contain keys are omitted, even if .arcadeignore includes them", async () => {
  const hidden = [
    ...[".env", ".env.local", ".env.example", "prod.env", "key.pem", "server.KEY", "a.p12"],
    ...["id_rsa", "id_ed25519.pub", ".npmrc", ".netrc", "credentials.json", "Credentials"],
    ...["sub/.env", "sub/secrets.yaml", "service-account-1.json", "client_secret_x.json"],
    ...["sub/.aws/config", ".SSH/known_hosts"],
  ];
  const shown = ["credentials.py", "environment.py", "keys.py", "monkey", "sub/", "sub/secrets.py"];
  using project = new ProjectFolder({
    ...Object.fromEntries([...hidden, ...shown].map((path) => [path, "secret"])),
    ".arcadeignore": hidden.map((path) => `!${path}\n`).join("") + "!.*\n",
  });
  const found = await findFiles(project.path);
  const left = hidden.map((path) => path.replace(/(\.aws|\.SSH)\/.*/, "$1"));
  assert.deepEqual([...found.secrets].sort(), left.sort());
  assert.deepEqual(
    found.entries.map(({ path }) => path).filter((path) =>
      path !== ".arcadeignore" && path !== "sub"
    ),
    shown.filter((path) => path !== "sub/"),
  );
});

const links: Readonly<Record<string, [link: string, target: string][]>> = {
  "is kept": [
    ["link", "server.py"],
    ["link", "./sub/../server.py"],
    ["link", "."],
    ["link", "sub/"],
    ["sub/link", "../in/x"],
    ["link", "in/../server.py"],
  ],
  "points outside the project": [
    ["link", "/etc/passwd"],
    ["link", "../../x"],
    ["link", "../project/server.py"],
    ["link", "sub/../../x"],
    ["link", "through/etc/passwd"],
  ],
  "points to nothing that is deployed": [
    ["link", "nowhere"],
    ["link", "dangling/x"],
    ["link", "link"],
    ["link", "server.py/"],
    ["link", "no/../server.py"],
    ["link", "build/x"],
    ["link", ".env"],
    ["in-build", "through-build/x"],
  ],
};
for (const [what, cases] of Object.entries(links)) {
  for (const [path, target] of cases) {
    Deno.test(`a link at ${path} to ${target} ${what}`, async () => {
      const files = ["server.py", "sub/x", "build/x", ".env"];
      using project = new ProjectFolder({
        ...Object.fromEntries(files.map((file) => [file, ""])),
        ".arcadeignore": "through\nthrough-build\ndangling",
      });
      const link = (target: string, path: string) =>
        Deno.symlinkSync(target, `${project.path}/${path}`);
      link("/", "through");
      link("build", "through-build");
      link("nothing", "dangling");
      link("sub", "in");
      link(target, path);
      const finding = findFiles(project.path);
      if (what !== "is kept") {
        await assert.rejects(finding, { name: "Failure", message: `The link ${path} ${what}` });
      } else {
        const found = (await finding).entries.find((entry) => entry.path === path);
        assert.deepEqual([found?.kind, found?.target], ["link", target]);
      }
    });
  }
}

Deno.test("whatever the links, the local Arcade unpacks the archive", async () => {
  const part = fc.constantFrom("a", "b", "c", "..", ".");
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  await fc.assert(
    fc.asyncProperty(path, path, path, async (a, b, c) => {
      using project = new ProjectFolder({ "d/a": "", "d/b/a": "", "e": "" });
      Deno.symlinkSync(a, `${project.path}/a`);
      Deno.symlinkSync(b, `${project.path}/b`);
      Deno.symlinkSync(c, `${project.path}/d/c`);
      using copy = new ProjectFolder({});
      let found: projectFiles.ProjectFiles;
      try {
        found = await findFiles(project.path);
      } catch (error) {
        assert.match(String(error), /^Failure: The link \S+ points /);
        return;
      }
      await unpackTo(found, copy.path);
      for (const link of ["a", "b", "d/c"]) {
        const real = Deno.realPathSync(`${copy.path}/${link}`);
        assert(`${real}/`.startsWith(`${copy.path}/`), real);
        assert.equal(
          real.slice(copy.path.length),
          Deno.realPathSync(`${project.path}/${link}`).slice(project.path.length),
        );
      }
    }),
    { numRuns: 100 },
  );
});

for (const isEntry of [true, false]) {
  Deno.test(`a folder with pyvenv.cfg is left out${isEntry ? "" : " unless .arcadeignore has it"}`, async () => {
    using project = new ProjectFolder({
      "my-env/pyvenv.cfg": "",
      "my-env/lib/x.py": "",
      "tools/env/pyvenv.cfg": "",
      "tools/x.py": "",
      "pyvenv.cfg/x": "",
      ...(isEntry ? {} : { ".arcadeignore": "!my-env\n.arcadeignore\n" }),
    });
    const names = await namesIn(project.path);
    assert.deepEqual(
      names.filter((name) => name.includes("env")),
      [
        ...(isEntry ? [] : ["my-env/", "my-env/lib/", "my-env/lib/x.py", "my-env/pyvenv.cfg"]),
        "pyvenv.cfg/",
        "pyvenv.cfg/x",
      ].map((name) => `project/${name}`),
    );
  });
}

Deno.test({
  name: "pipes are omitted, and not read as ignore files",
  ignore: withoutPipes,
}, async () => {
  using project = new ProjectFolder({ "server.py": "" });
  const pipes = ["pipe", ".gitignore"].map((name) => `${project.path}/${name}`);
  new Deno.Command("mkfifo", { args: pipes }).outputSync();
  assert.deepEqual((await findFiles(project.path)).entries.map(({ path }) => path), ["server.py"]);
});

Deno.test("a symlink is not read as an ignore file, as in git", async () => {
  using project = new ProjectFolder({ "server.py": "", "rules": "*.py" });
  Deno.symlinkSync("rules", `${project.path}/.gitignore`);
  assert.deepEqual((await findFiles(project.path)).entries.map(({ path }) => path), [
    "rules",
    "server.py",
  ]);
});

/** A line of an ignore file in UTF-16, as PowerShell writes it. */
function utf16(mark: readonly number[]): Uint8Array {
  return new Uint8Array([...mark, ...[..."*.csv\n"].flatMap((one) => [one.charCodeAt(0), 0])]);
}

Deno.test("a .gitignore in UTF-16, which ignores nothing, is refused if it applies to the project", async () => {
  using repository = new ProjectFolder({ "project/server.py": "", "project/sub/x.csv": "" });
  const project = `${repository.path}/project`;
  for (const bytes of [utf16([0xff, 0xfe]), utf16([])]) {
    for (const path of ["project/.gitignore", "project/sub/.gitignore", ".gitignore"]) {
      Deno.writeFileSync(`${repository.path}/${path}`, bytes);
      const isAbove = path === ".gitignore";
      if (isAbove) {
        await findFiles(project);
        Deno.mkdirSync(`${repository.path}/.git`);
      }
      await assert.rejects(
        findFiles(project),
        (error) =>
          error instanceof Failure && /gitignore contains a NUL character$/.test(error.message) &&
          /save it as UTF-8/.test(error.next ?? ""),
        path,
      );
      if (isAbove) Deno.removeSync(`${repository.path}/.git`);
      Deno.removeSync(`${repository.path}/${path}`);
    }
  }
  // A comment in another encoding is understood as git understands it.
  Deno.writeFileSync(`${project}/.gitignore`, new Uint8Array([0x23, 0xfc, 10, 0x2a, 0x2e, 0x63]));
  await findFiles(project);
});

Deno.test("an invalid .arcadeignore is refused", async () => {
  for (const bytes of [utf16([0xff, 0xfe]), utf16([]), new Uint8Array([0x2a, 0xe9, 0x0a])]) {
    using project = new ProjectFolder({ "server.py": "", "customers.csv": "", "sub/x": "" });
    for (const path of [".arcadeignore", "sub/.arcadeignore"]) {
      Deno.writeFileSync(`${project.path}/${path}`, bytes);
      await assert.rejects(
        findFiles(project.path),
        (error) => error instanceof Failure && error.message.startsWith(path),
      );
      Deno.removeSync(`${project.path}/${path}`);
    }
  }
});

Deno.test("a .arcadeignore that is a link or a folder is refused, not skipped", async () => {
  using project = new ProjectFolder({ "server.py": "", "rules": "*.csv" });
  const path = `${project.path}/.arcadeignore`;
  for (const make of [() => Deno.symlinkSync("rules", path), () => Deno.mkdirSync(path)]) {
    make();
    await assert.rejects(findFiles(project.path), /\.arcadeignore is not a regular file/);
    Deno.removeSync(path);
  }
});

Deno.test("the lines of a .arcadeignore may end with CR", async () => {
  for (const end of ["\r", "\r\n", "\n"]) {
    using project = new ProjectFolder({
      "server.py": "",
      "customers.csv": "",
      ".arcadeignore": ["foo", "*.csv", ".arcadeignore", ""].join(end),
    });
    const { entries } = await findFiles(project.path);
    assert.deepEqual(entries.map(({ path }) => path), ["server.py"], JSON.stringify(end));
  }
});

Deno.test("a package is included, whatever its name", async () => {
  const packages = ["credentials", "id_rsa_tools", "my.key"];
  using project = new ProjectFolder(
    Object.fromEntries(packages.map((name) => [`${name}/__init__.py`, ""])),
  );
  const names = await namesIn(project.path);
  for (const name of packages) assert(names.includes(`project/${name}/__init__.py`), name);
});

const changes: Record<string, (file: string) => void> = {
  "grows": (file) => Deno.writeTextFileSync(file, "more", { append: true }),
  "shrinks": (file) => Deno.truncateSync(file, 10),
  "is rewritten": (file) => {
    Deno.writeTextFileSync(file, "y".repeat(1_000_000));
    Deno.utimeSync(file, 1, 1);
  },
  "vanishes": (file) => Deno.removeSync(file),
  "becomes a folder": (file) => {
    Deno.removeSync(file);
    Deno.mkdirSync(file);
  },
};
for (const [what, change] of Object.entries(changes)) {
  for (const when of ["before", "while"] as const) {
    // A file that is already open can be read to its end.
    if (when === "while" && /vanishes|folder/.test(what)) continue;
    Deno.test(`a file that ${what} ${when} it is read is an error that names it`, async () => {
      using project = new ProjectFolder({ "server.py": "", "z.bin": "x".repeat(1_000_000) });
      const found = await findFiles(project.path);
      let isChanged = false;
      const once = () => {
        if (!isChanged) change(`${project.path}/z.bin`);
        isChanged = true;
      };
      if (when === "before") once();
      const archive = archiveOf(found, { onRead: once });
      await assert.rejects(new Response(archive).bytes(), (error: unknown) => {
        assert(error instanceof Failure, String(error));
        assert.match(error.message, /z\.bin/);
        return error.kind === "file";
      });
    });
  }
}

Deno.test("a project of 20,000 files is read without leaving files open", async () => {
  using project = new ProjectFolder({});
  for (let folder = 0; folder < 20; folder++) {
    Deno.mkdirSync(`${project.path}/${folder}`);
    for (let file = 0; file < 1000; file++) {
      Deno.writeTextFileSync(`${project.path}/${folder}/${file}.py`, `${file}`);
    }
  }
  let read = 0;
  const archive = await bytesOf(project.path, (bytes) => read += bytes);
  assert.equal((await unpacked(archive)).length, 20_021);
  assert.equal(read, 20 * (10 + 90 * 2 + 900 * 3));
});

Deno.test("an archive whose reader cancels closes its files", async () => {
  using project = new ProjectFolder({ "big": "x".repeat(20_000_000) });
  const reader = archiveOf(await findFiles(project.path)).getReader();
  await reader.read();
  await reader.cancel();
});

Deno.test("an interruption takes effect while files are matched", async () => {
  const names = Array.from({ length: 300 }, (_, i) => "a".repeat(200) + i);
  using project = new ProjectFolder({
    ...Object.fromEntries(names.map((name) => [name, ""])),
    ".gitignore": Array.from({ length: 1000 }, (_, i) => `*b${i}*\n`).join(""),
  });
  const user = new AbortController();
  const context = { env: {}, os: "linux", timeoutMs: () => 10_000, signal: user.signal } as const;
  const finding = projectFiles.findFiles(project.path, context);
  setTimeout(() => user.abort(new Failure("interrupted", "Cancelled")));
  await assert.rejects(finding, /Cancelled/);
});

Deno.test("an interruption takes effect while an archive is packed", async () => {
  using project = new ProjectFolder({ ...files, "large.bin": "x".repeat(100_000_000) });
  using copy = new ProjectFolder({});
  const found = await findFiles(project.path);
  const user = new AbortController();
  const unpacking = unpackTo(found, copy.path, { signal: user.signal });
  setTimeout(() => user.abort(new Failure("interrupted", "Cancelled")));
  await assert.rejects(unpacking, /Cancelled/);
});
