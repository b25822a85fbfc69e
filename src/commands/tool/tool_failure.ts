import type { Tool, ToolCall } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import { redact } from "../../secrecy/redaction.ts";

/** The longest text of a tool that is shown in a message. */
const MAX_SAID = 2000;

/** The failure for a tool that failed or was denied by a policy of the organization. */
export function toolFailure(
  { name }: Pick<Tool, "name">,
  { error }: Pick<ToolCall, "error">,
): Failure {
  const said = (text: string | undefined) =>
    redact((text ?? "").slice(0, MAX_SAID))?.replace(/\s+/g, " ").trim().replace(/\.$/, "") || "";
  if (!error) {
    return new Failure("tool-failed", `${name} failed without giving a reason`, {
      report: "A tool failed",
    });
  }
  const { kind, retryAfterMs } = error;
  const isDenied = kind === "CONTEXT_DENIED" || kind === "CONTEXT_CHECK_FAILED";
  const canRetry = error.canRetry && !isDenied;
  const what = [name, said(error.message)].filter((one) => one !== "").join(": ");
  const pause = retryAfterMs === undefined ? "" : ` in ${Math.ceil(retryAfterMs / 1000)} s`;
  const next = [
    said(error.advice),
    canRetry ? `Try again${pause}` : "",
    isDenied ? "Ask an administrator" : "",
  ].filter((one) => one !== "").join(". ");
  return new Failure(
    isDenied ? "denied" : "tool-failed",
    kind === undefined ? what : `${what} (${kind})`,
    {
      report: isDenied ? "A policy denied the call of a tool" : "A tool failed",
      ...(next !== "" && { next }),
      canRetry,
      ...(error.developerMessage && { cause: new Error(said(error.developerMessage)) }),
    },
  );
}
