import assert from "node:assert/strict";
import { policyFileOf, readPolicy, trafficBan } from "../../src/system/policy.ts";
import { ORDINARY, withoutOtherOwners } from "../support/users.ts";

const ALLOWED = { backgroundTraffic: true };
const FORBIDDEN = { backgroundTraffic: false };
const unusable = (problem: string) => ({ ...FORBIDDEN, problem });

/** Passes the path of a policy that does not exist yet. */
function withPolicy(test: (path: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  try {
    test(`${folder}/policy.toml`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function write(path: string, content: string | Uint8Array): void {
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
  Deno.chmodSync(path, 0o644);
}

Deno.test("no variable decides where the policy is", () => {
  assert.equal(policyFileOf("linux"), "/etc/arcade/policy.toml");
  assert.equal(policyFileOf("other"), "/etc/arcade/policy.toml");
  assert.equal(policyFileOf("darwin"), "/Library/Application Support/Arcade/policy.toml");
  assert.equal(policyFileOf("windows"), "C:\\ProgramData\\Arcade\\policy.toml");
});

Deno.test("without a policy nothing is forbidden", () => {
  withPolicy((policyFile) => {
    assert.equal(readPolicy(policyFile), undefined);
    assert.equal(trafficBan({ env: {}, files: { policyFile } }), undefined);
    assert.equal(
      trafficBan({ env: {}, files: { policyFile: `${policyFile}/no/such/folder` } }),
      undefined,
    );
  });
});

const texts: [text: string | Uint8Array, expected: unknown][] = [
  ["background_traffic = false\n", FORBIDDEN],
  ["background_traffic=false", FORBIDDEN],
  ["\uFEFF# ours\r\n\r\n  background_traffic\t=  false # really\r\n", FORBIDDEN],
  ["background_traffic = true\n", ALLOWED],
  ["", ALLOWED],
  ["# background_traffic = false\n", ALLOWED],
  ['background_traffic = "false"\n', unusable("is invalid in line 1")],
  ["background_traffic = False\n", unusable("is invalid in line 1")],
  ["background_traffic = true false\n", unusable("is invalid in line 1")],
  ["\nbackground-traffic = true\n", unusable("is invalid in line 2")],
  ["[arcade]\nbackground_traffic = true\n", unusable("is invalid in line 1")],
  [
    "background_traffic = true\nbackground_traffic = true\n",
    unusable("sets background_traffic twice"),
  ],
  [new Uint8Array([0xff, 0xfe, 0x62, 0x00]), unusable("is invalid in line 1")],
  ["#".repeat(65_537), unusable("is larger than 65536 bytes")],
];
for (const [text, expected] of texts) {
  const shown = JSON.stringify(typeof text === "string" ? text : [...text]).slice(0, 80);
  Deno.test({ name: `the policy ${shown} is read`, ignore: withoutOtherOwners }, () => {
    withPolicy((path) => {
      write(path, text);
      assert.deepEqual(readPolicy(path), expected);
    });
  });
}

Deno.test({
  name: "a policy that is not root's, or that cannot be read, forbids background traffic",
  ignore: withoutOtherOwners,
}, () => {
  const spoilt: [problem: string, spoil: (path: string) => void][] = [
    ["does not belong to root", (path) => Deno.chownSync(path, ORDINARY, ORDINARY)],
    ["can be written by other users", (path) => Deno.chmodSync(path, 0o646)],
    ["can be written by other users", (path) => Deno.chmodSync(path, 0o664)],
    ["is not a regular file", (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    }],
    ["cannot be read", (path) => {
      Deno.removeSync(path);
      Deno.symlinkSync("policy.toml", path);
    }],
  ];
  for (const [problem, spoil] of spoilt) {
    withPolicy((path) => {
      write(path, "background_traffic = true\n");
      spoil(path);
      assert.deepEqual(readPolicy(path), unusable(problem));
    });
  }
});

Deno.test("a user's variable can forbid background traffic, but not allow what the policy forbids", () => {
  withPolicy((policyFile) => {
    const banWith = (value: string) =>
      trafficBan({ env: { ARCADE_NO_BACKGROUND_TRAFFIC: value }, files: { policyFile } });
    for (const value of ["1", "true", "maybe"]) {
      assert.equal(banWith(value), "ARCADE_NO_BACKGROUND_TRAFFIC");
    }
    for (const value of ["0", "off", ""]) assert.equal(banWith(value), undefined);
    write(policyFile, "background_traffic = false\n");
    for (const value of ["0", "off", ""]) assert.equal(banWith(value), "policy");
  });
});
