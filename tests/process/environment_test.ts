import assert from "node:assert/strict";
import { isOn, readSwitch } from "../../src/system/environment.ts";
import { Failure } from "../../src/failure.ts";
import { readEnvironment, unreadableWarning } from "../../src/process/environment.ts";
import { optOut, postHogHost, postHogKey } from "../../src/telemetry/tracking.ts";
import { PROXY_VARIABLES } from "../../src/contract/variables.ts";
import { CHOOSING } from "../support/variables.ts";

/** The environment of a process with these variables; null stands for a value that is not UTF-8 text. */
function environment(variables: Readonly<Record<string, string | null>>) {
  return readEnvironment((name) => {
    const value = variables[name];
    if (value !== null) return value;
    const quoted = '"a-\\xFFtoken"';
    throw new Deno.errors.InvalidData(`environment variable was not valid unicode: ${quoted}`);
  });
}

Deno.test("only variables are read", () => {
  const { env, unreadable } = environment({ LANG: "C", HOME: "/ü", UNKNOWN: "x" });
  assert.deepEqual([env, unreadable.size], [{ LANG: "C", HOME: "/ü" }, 0]);
});

Deno.test("a variable that is not UTF-8 text counts as unset, and the warning shows only its name", () => {
  const { env, unreadable } = environment({ LANG: null, TERM: null, HOME: "/home" });
  assert.deepEqual(env, { HOME: "/home" });
  assert.equal(
    unreadableWarning(unreadable),
    "Cannot read variables that are not UTF-8 text: TERM, LANG",
  );
});

const DECISIVE = [...PROXY_VARIABLES, ...CHOOSING, "ARCADE_USER_ID", "ARCADE_WORK_DIR"] as const;
for (const name of DECISIVE) {
  Deno.test(`${name} that is not UTF-8 text fails where it is used, and only there`, () => {
    const { env } = environment({ [name]: null, HOME: "/home" });
    assert.throws(
      () => env[name],
      (error) =>
        error instanceof Failure && error.kind === "usage" && error.cause === undefined &&
        error.message === `${name} is not UTF-8 text`,
    );
    assert.deepEqual(Object.values(env), ["/home"]);
    assert.deepEqual({ ...env }, { HOME: "/home" });
  });
}

Deno.test("a variable that opts out does so even if it is not UTF-8 text", () => {
  const files = { folder: () => "/nowhere", policyFile: "/nowhere/policy.toml" };
  const names = ["DO_NOT_TRACK", "ARCADE_USAGE_TRACKING", "ARCADE_NO_BACKGROUND_TRAFFIC"] as const;
  for (const name of names) {
    assert.equal(optOut({ env: environment({ [name]: null }).env, files }), name);
  }
  for (const name of ["CI", "ARCADE_NO_UPDATE_CHECK", "ARCADE_DISABLE_AUTOUPDATE"] as const) {
    assert(isOn(environment({ [name]: null }).env[name]), name);
  }
  assert(isOn(environment({ ARCADE_COMPLETION_OFFLINE: null }).env.ARCADE_COMPLETION_OFFLINE));
  assert.equal(readSwitch(environment({ ARCADE_DEBUG: null }).env.ARCADE_DEBUG), undefined);
});

Deno.test("telemetry is sent nowhere if its address or its key is not UTF-8 text", () => {
  assert.equal(postHogHost(environment({ ARCADE_POSTHOG_HOST: null }).env), undefined);
  assert.equal(postHogKey(environment({ ARCADE_POSTHOG_KEY: null }).env), undefined);
});

Deno.test("any error of the runtime about a value is silent", () => {
  const { env, unreadable } = readEnvironment((name) => {
    if (name === "LANG") throw new TypeError('"a-token"');
    return undefined;
  });
  assert.deepEqual([env, [...unreadable]], [{}, ["LANG"]]);
});

Deno.test("a variable that the executable is not allowed to read is a bug in arcade", () => {
  const refuse = () => {
    throw new Deno.errors.NotCapable("Requires env access");
  };
  assert.throws(() => readEnvironment(refuse), Deno.errors.NotCapable);
});

Deno.test("a blank variable counts as unset, except for the key of telemetry, which turns it off", () => {
  const { env } = readEnvironment((name) => name === "ARCADE_POSTHOG_KEY" ? "" : " \t\n");
  assert.deepEqual(env, { ARCADE_POSTHOG_KEY: "", DENO_CERT: " \t\n" });
});
