import assert from "node:assert/strict";
import { obstaclesOf, type Source } from "../../scripts/release/obstacles.ts";
import { areInstalled } from "../support/programs.ts";

const ignore = !areInstalled("git");

/** A repository that a release can be made from. */
class Repository implements Disposable {
  readonly root = Deno.makeTempDirSync({ prefix: "arcade-source-" });

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
    this.commit("first");
  }

  git(...args: readonly string[]): void {
    const user = [
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@example.com",
      "-c",
      "commit.gpgsign=false",
    ];
    const { success, stderr } = new Deno.Command("git", {
      args: ["-C", this.root, ...user, "-c", "tag.gpgsign=false", ...args],
    }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
  }

  commit(content: string): void {
    Deno.writeTextFileSync(`${this.root}/file`, content);
    this.git("add", "file");
    this.git("commit", "--quiet", "-m", content);
  }

  obstacles(change: Partial<Source> = {}): Promise<string[]> {
    return obstaclesOf({
      version: "1.2.3",
      root: this.root,
      changelog: "# Changelog\n\n## 1.2.3\n\n- A change\n",
      publicKeys: ["ssh-ed25519 A"],
      isDryRun: false,
      ...change,
    });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

Deno.test({
  name: "a release can be made from the commit with its tag, of either kind",
  ignore,
  fn: async () => {
    using repository = new Repository();
    repository.git("tag", "v1.2.3");
    assert.deepEqual(await repository.obstacles(), []);
    repository.git("tag", "--force", "-a", "v1.2.3", "-m", "annotated");
    assert.deepEqual(await repository.obstacles(), []);
  },
});

Deno.test({
  name: "a dry run needs no tag yet",
  ignore,
  fn: async () => {
    using repository = new Repository();
    assert.deepEqual(await repository.obstacles({ isDryRun: true }), []);
    assert.deepEqual(await repository.obstacles(), ["The commit has no tag v1.2.3"]);
  },
});

for (const isDryRun of [true, false]) {
  const what = isDryRun ? "dry run" : "release";
  Deno.test({
    name: `a ${what} finds a tag that differs`,
    ignore,
    fn: async () => {
      using repository = new Repository();
      repository.git("tag", "v1.2.3");
      repository.commit("second");
      assert.deepEqual(await repository.obstacles({ isDryRun }), [
        "The tag v1.2.3 is on another commit",
      ]);
      repository.git("tag", "v2.0.0");
      assert.deepEqual(await repository.obstacles({ isDryRun }), [
        "The commit has the tag v2.0.0, and src/version.ts 1.2.3",
      ]);
    },
  });

  Deno.test({
    name: `a ${what} finds a missing section of the changelog, a missing key and changed files`,
    ignore,
    fn: async () => {
      using repository = new Repository();
      repository.git("tag", "v1.2.3");
      Deno.writeTextFileSync(`${repository.root}/new`, "");
      const change = { isDryRun, changelog: "## Unreleased\n\n- A change\n", publicKeys: [] };
      assert.deepEqual(await repository.obstacles(change), [
        'CHANGELOG.md has no section "## 1.2.3"',
        "scripts/release/allowed_signers has no key",
        "The files differ from the commit (`git status`)",
      ]);
    },
  });
}

Deno.test({
  name: "a folder without a repository cannot be the source of a release",
  ignore,
  fn: async () => {
    using repository = new Repository();
    Deno.removeSync(`${repository.root}/.git`, { recursive: true });
    assert.deepEqual(await repository.obstacles(), [
      "The source is not a git repository with a commit",
    ]);
  },
});
