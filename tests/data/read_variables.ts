/** Prints the variables that its arguments name, or why it cannot. */

import { readVariables } from "../../src/commands/process_variables.ts";

let text: string;
try {
  text = JSON.stringify([...await readVariables(Deno.args)]);
} catch (error) {
  text = String(error);
}
Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
