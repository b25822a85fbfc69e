/** The input and output of `arcade identity show --hub` and nothing else. */

import { HUB, readIdentity } from "./identity_fixture.ts";

const { type, name, id, token, capabilities } = readIdentity();
const encoder = new TextEncoder();
for (
  const line of [
    `Hub           ${HUB}`,
    `Type          ${type?.slice(1, -1)}`,
    `Name          ${name?.slice(1, -1)}`,
    `ID            ${id?.slice(1, -1)}`,
    `Token         ${token ? "set (Bearer ***)" : "not set"}`,
    `Capabilities  ${capabilities?.slice(1, -1).replaceAll('"', "")}`,
    "Expires       -",
  ]
) {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}
Deno.exit(0);
