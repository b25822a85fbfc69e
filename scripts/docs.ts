/** `deno task docs`: writes docs/commands.md from the declarations of the commands. */

import { commandReference } from "./command_reference.ts";

await Deno.writeTextFile(`${import.meta.dirname}/../docs/commands.md`, await commandReference());
