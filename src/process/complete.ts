import { answerShell } from "../commands/completion/complete.ts";
import { PROGRAM } from "../commands/program.ts";

/** The answer to the script of a shell; makes a context only if names are needed. */
export function complete(passed: readonly string[]): Promise<string> {
  return answerShell(passed, {
    program: PROGRAM,
    async makeContext() {
      const { processContext } = await import("./context.ts");
      return processContext({ debug: false, color: false, json: false, isQuiet: true });
    },
  });
}
