import { isFile } from "../../src/system/paths.ts";
import { programPaths } from "../../src/system/programs.ts";
import { isAvailable } from "./test_machine.ts";

/** The path of an installed program. */
export function pathOf(program: string): string | undefined {
  const paths = programPaths(program, Deno.env.get("PATH") ?? "", Deno.build.os);
  return paths.find(isFile);
}

/** Whether these programs are installed. If not, prints their names on stderr. */
export function areInstalled(...programs: readonly string[]): boolean {
  return isAvailable(
    programs.join(" and "),
    () => programs.every((program) => pathOf(program) !== undefined),
  );
}

/** Whether no named pipes can be made. */
export const withoutPipes = Deno.build.os === "windows" || !areInstalled("mkfifo");
