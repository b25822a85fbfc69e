/** The input and output of `arcade whoami` and nothing else. */

import { readCredentials } from "./fixture.ts";

const { coordinator_url, engine_url, email, org_id, org_name, project_id, project_name } =
  readCredentials();
const encoder = new TextEncoder();
for (
  const line of [
    `Logged in as  ${email}`,
    `Organization  ${org_name} (${org_id})`,
    `Project       ${project_name} (${project_id})`,
    "Context       default (Arcade Cloud)",
    `Coordinator   ${coordinator_url}`,
    `Engine        ${engine_url}`,
  ]
) {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}
Deno.exit(0);
