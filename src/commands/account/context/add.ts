import type { LoginFlags } from "../finish_login.ts";
import { login } from "../login.ts";
import type { Context } from "../../context.ts";

/** Logs in to another installation, as `arcade login --url` does. */
export function addContext(context: Context, flags: LoginFlags, url: string): Promise<void> {
  return login(context, { ...flags, url });
}
