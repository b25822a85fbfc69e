import { Failure } from "../../failure.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { isToken } from "../../store/hub_identity.ts";
import type { Context } from "../context.ts";
import {
  askForValue,
  decodeText,
  readNamedFile,
  readStandardInput,
  whyNoPrompt,
  withoutLineEnd,
  withoutNul,
} from "../shared/input.ts";

export interface TokenFlags {
  readonly token?: string;
  readonly tokenStdin?: boolean;
  readonly tokenFile?: string;
}

/** How to give a token that cannot be typed. */
export const ANOTHER_WAY = "give the token with `--token-file`";

/**
 * Reads the token for a hub from the source that a flag names, or else from `ARCADE_TOKEN`, or else from a prompt.
 *
 * @throws {Failure} of kind `usage` when it is missing or invalid. The message does not quote it.
 */
export async function readToken(
  context: Context,
  flags: TokenFlags,
  hub: string,
): Promise<Sensitive> {
  const token = withoutLineEnd(await tokenText(context, flags, hub));
  if (isToken(token)) return new Sensitive(token);
  throw token === ""
    ? new Failure("usage", "The token is empty", { next: "Give the token that the hub issued" })
    : new Failure("usage", "The token contains whitespace or control characters", {
      next: "Give only the token, on one line",
    });
}

async function tokenText(context: Context, flags: TokenFlags, hub: string): Promise<string> {
  const { token, tokenStdin, tokenFile } = flags;
  if (token !== undefined) {
    context.io.warn(
      "`--token` exposes the token in process lists and shell history; `--token-stdin` does not",
    );
    return withoutNul(token, "The token");
  }
  if (tokenFile !== undefined) return decode(await readNamedFile(tokenFile));
  if (tokenStdin && !context.io.stdin.isTerminal) return decode(await readStandardInput(context));
  if (!tokenStdin && context.env.ARCADE_TOKEN) return context.env.ARCADE_TOKEN;
  if (whyNoPrompt(context) === undefined) {
    return await askForValue(context, {
      text: `Token for ${hub} (not shown while you type): `,
      otherwise: ANOTHER_WAY,
    });
  }
  throw new Failure("usage", "No token given", {
    next: "Pipe it with `--token-stdin`, or set ARCADE_TOKEN",
  });
}

function decode(bytes: Uint8Array): string {
  return decodeText(bytes, { what: "The token", next: "Give the token that the hub issued" });
}
