/** Prints the variables that its arguments name, or the reason why it cannot. */

import { readVariables } from "../../src/process/variables.ts";

let text: string;
try {
  text = JSON.stringify([...await readVariables(Deno.args)]);
} catch (error) {
  text = String(error);
}
Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
