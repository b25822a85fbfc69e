import { Failure } from "../../failure.ts";
import { keepPendingLogins, type PendingLogin } from "../../store/pending_logins.ts";
import type { Context } from "../context.ts";

/** Removes pending logins. Only warns about an unusable file. The caller holds the credentials lock. */
export function forgetPending(
  { files, io }: Context,
  isForgotten: (login: PendingLogin) => boolean,
): void {
  try {
    keepPendingLogins(files.folder(), (login) => !isForgotten(login));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.warn(error.message);
  }
}
