import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { hubKeyOf } from "../../src/hosts/hub.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import type { OAuthCredentials } from "../../src/store/credentials.ts";
import type { HubIdentity } from "../../src/store/hub_identity.ts";
import {
  decide,
  type Facts,
  type Service,
  type TargetFlags,
  type TargetVariables,
} from "../../src/target/decide.ts";

const CLOUD: OAuthCredentials = {
  kind: "oauth",
  contextName: "default",
  installation: "cloud",
  coordinatorUrl: undefined,
  engineUrl: undefined,
  dashboardUrl: undefined,
  accessToken: new Sensitive("access"),
  refreshToken: undefined,
  expiresAt: new Date("2999-01-01T00:00:00Z"),
  lifetimeSeconds: undefined,
  authorizationServer: undefined,
  email: "someone@example.com",
  accountId: undefined,
  activeProject: undefined,
};
const OWN: OAuthCredentials = {
  ...CLOUD,
  contextName: "own",
  installation: "self_hosted",
  coordinatorUrl: "https://own.example",
  engineUrl: "https://engine.own.example",
};
const LOCAL: OAuthCredentials = {
  ...OWN,
  coordinatorUrl: "http://localhost:8000",
  engineUrl: "http://localhost:9099",
};
const NO_ENGINE: OAuthCredentials = { ...OWN, engineUrl: undefined };

function identityFor(hub: string): HubIdentity {
  return {
    hub,
    type: "agent",
    name: undefined,
    id: undefined,
    token: new Sensitive("of-the-hub"),
    capabilities: [],
    expiresAt: undefined,
  };
}

interface Case {
  readonly flags?: TargetFlags;
  readonly variables?: TargetVariables;
  readonly login?: OAuthCredentials;
  /** The hubs that have an identity. */
  readonly hubs?: readonly string[];
}

/** The decision as `source address`, or the kind of the failure. */
function decided(service: Service, { flags = {}, variables = {}, login, hubs }: Case): string {
  const facts: Facts = {
    variables,
    login,
    identityOf: hubs && ((address) => {
      const hub = hubKeyOf(address);
      return hub !== undefined && hubs.includes(hub) ? identityFor(hub) : undefined;
    }),
  };
  try {
    const { credential, address } = decide(service, flags, facts);
    return `${credential.source} ${address}`;
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

const CLOUD_ENGINE = "https://api.arcade.dev";
const CLOUD_COORDINATOR = "https://cloud.arcade.dev";
const KEY = { ARCADE_API_KEY: "key" };
const TOKEN = { ARCADE_TOKEN: "token" };
const BROKEN = "ftp://x";

const CASES: [what: string, wanted: { engine: string; coordinator: string }, given: Case][] = [
  ["nothing", {
    engine: `none ${CLOUD_ENGINE}`,
    coordinator: `none ${CLOUD_COORDINATOR}`,
  }, {}],
  ["a login at the cloud", {
    engine: `login ${CLOUD_ENGINE}`,
    coordinator: `login ${CLOUD_COORDINATOR}`,
  }, { login: CLOUD }],
  ["a login elsewhere", {
    engine: "login https://engine.own.example",
    coordinator: "login https://own.example",
  }, { login: OWN }],
  ["a login without an engine", {
    engine: "usage",
    coordinator: "login https://own.example",
  }, { login: NO_ENGINE }],
  ["--host with a login", {
    engine: "login https://other.example",
    coordinator: "login",
  }, { login: OWN, flags: { host: "other.example" } }],
  ["--host of the cloud with a login elsewhere", {
    engine: "login",
    coordinator: "login",
  }, { login: OWN, flags: { host: "api.arcade.dev" } }],
  ["--port with a login", {
    engine: "login http://localhost:9100",
    coordinator: "login",
  }, { login: LOCAL, flags: { port: 9100 } }],
  ["--tls with a login", {
    engine: "login https://localhost:9099",
    coordinator: "login",
  }, { login: LOCAL, flags: { tls: true } }],
  ["--port with a login at the cloud", {
    engine: "login https://api.arcade.dev:444",
    coordinator: "login",
  }, { login: CLOUD, flags: { port: 444 } }],
  ["variables that name the servers of the login", {
    engine: "login https://engine.own.example",
    coordinator: "login https://own.example",
  }, {
    login: OWN,
    variables: {
      ARCADE_ENGINE_URL: "https://engine.own.example/",
      ARCADE_COORDINATOR_URL: "https://own.example",
    },
  }],
  ["variables that name other servers than the login", { engine: "login", coordinator: "login" }, {
    login: OWN,
    variables: {
      ARCADE_ENGINE_URL: "https://other.example",
      ARCADE_COORDINATOR_URL: "https://other.example",
    },
  }],
  ["an API key", {
    engine: `ARCADE_API_KEY ${CLOUD_ENGINE}`,
    coordinator: `none ${CLOUD_COORDINATOR}`,
  }, { variables: KEY }],
  ["an API key with ARCADE_URL", {
    engine: "ARCADE_API_KEY https://ci.example",
    coordinator: `none ${CLOUD_COORDINATOR}`,
  }, { variables: { ...KEY, ARCADE_URL: "ci.example" } }],
  ["an API key with ARCADE_URL and ARCADE_ENGINE_URL", {
    engine: "ARCADE_API_KEY https://engine.example",
    coordinator: `none ${CLOUD_COORDINATOR}`,
  }, {
    variables: { ...KEY, ARCADE_URL: BROKEN, ARCADE_ENGINE_URL: "https://engine.example" },
  }],
  ["an API key with a broken ARCADE_URL", {
    engine: "usage",
    coordinator: `none ${CLOUD_COORDINATOR}`,
  }, { variables: { ...KEY, ARCADE_URL: BROKEN } }],
  ["an API key with a broken ARCADE_URL and --host", {
    engine: "ARCADE_API_KEY https://flag.example",
    coordinator: "none https://flag.example",
  }, { variables: { ...KEY, ARCADE_URL: BROKEN }, flags: { host: "flag.example" } }],
  ["a token", {
    engine: `ARCADE_TOKEN ${CLOUD_ENGINE}`,
    coordinator: `ARCADE_TOKEN ${CLOUD_COORDINATOR}`,
  }, { variables: TOKEN }],
  ["an API key and a token", {
    engine: `ARCADE_API_KEY ${CLOUD_ENGINE}`,
    coordinator: `ARCADE_TOKEN ${CLOUD_COORDINATOR}`,
  }, { variables: { ...KEY, ...TOKEN } }],
  ["a blank API key and a blank token", {
    engine: "login https://engine.own.example",
    coordinator: "login https://own.example",
  }, { login: OWN, variables: { ARCADE_API_KEY: " ", ARCADE_TOKEN: "\t\n" } }],
  ["a blank API key with ARCADE_URL", {
    engine: `ARCADE_TOKEN ${CLOUD_ENGINE}`,
    coordinator: `ARCADE_TOKEN ${CLOUD_COORDINATOR}`,
  }, { variables: { ARCADE_API_KEY: " ", ...TOKEN, ARCADE_URL: "https://evil.example" } }],
  ["an identity for the engine of the login", {
    engine: "identity https://engine.own.example",
    coordinator: "login https://own.example",
  }, { login: OWN, hubs: ["engine.own.example"] }],
  ["an identity for another host", {
    engine: "login https://engine.own.example",
    coordinator: "login https://own.example",
  }, { login: OWN, hubs: ["own.example.evil", "engine.own.example:8443"] }],
  ["an identity for the host in --host", {
    engine: "identity https://hub.example",
    coordinator: "identity https://hub.example",
  }, { login: OWN, hubs: ["hub.example"], flags: { host: "hub.example" } }],
  ["an identity for a host without encryption", {
    engine: "none http://hub.example",
    coordinator: "none http://hub.example",
  }, { hubs: ["hub.example", "hub.example:80"], flags: { host: "hub.example", tls: false } }],
  ["a broken ARCADE_ENGINE_URL", {
    engine: "usage",
    coordinator: "login https://own.example",
  }, { login: OWN, variables: { ARCADE_ENGINE_URL: BROKEN } }],
  ["a broken ARCADE_COORDINATOR_URL with a login", {
    engine: "usage",
    coordinator: "usage",
  }, { login: OWN, variables: { ARCADE_COORDINATOR_URL: BROKEN } }],
  ["broken addresses in variables and --host", {
    engine: "ARCADE_TOKEN https://flag.example",
    coordinator: "ARCADE_TOKEN https://flag.example",
  }, {
    variables: {
      ...TOKEN,
      ARCADE_ENGINE_URL: BROKEN,
      ARCADE_COORDINATOR_URL: BROKEN,
      ARCADE_URL: BROKEN,
    },
    flags: { host: "flag.example" },
  }],
  ["ARCADE_URL without an API key", {
    engine: "login https://engine.own.example",
    coordinator: "login https://own.example",
  }, { login: OWN, variables: { ARCADE_URL: "https://evil.example" } }],
];

for (const [what, wanted, given] of CASES) {
  Deno.test(`decide() with ${what}`, () => {
    for (const service of ["engine", "coordinator"] as const) {
      assert.equal(decided(service, given), wanted[service], service);
    }
  });
}
