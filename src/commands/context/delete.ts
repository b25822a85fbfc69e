import type { Context } from "../context.ts";
import { logout } from "../account/logout.ts";

/** Removes a context, and revokes its login. */
export function deleteContext(context: Context, _flags: object, name: string): Promise<void> {
  return logout(context, { context: name });
}
