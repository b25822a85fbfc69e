import { namedContext, notLoggedIn } from "../../../auth/stored_login.ts";
import { findContext } from "../../../store/credentials.ts";
import { writeLabeledLines } from "../../../terminal/labeled_lines.ts";
import type { Context } from "../../context.ts";
import type { JsonFlag } from "../../shared/flags.ts";
import { writeJson } from "../../shared/json.ts";
import { contextNames, findName } from "./find.ts";
import {
  addressesToJson,
  describeContext,
  describeLogin,
  loginToJson,
} from "../../shared/login_fields.ts";

/** Shows a stored context, and the login there. Reads the file only. */
export async function showContext(context: Context, flags: JsonFlag, name?: string): Promise<void> {
  const wanted = name === undefined ? undefined : findName(await contextNames(context), name);
  const named = namedContext(context, { context: wanted });
  const found = await findContext(context.files.folder(), named);
  if (!found) throw notLoggedIn(context, named);
  const { login, isActive } = found;
  if (flags.json) {
    return writeJson(context, {
      name: found.contextName,
      ...addressesToJson(found),
      active: isActive,
      ...loginToJson(login),
    });
  }
  writeLabeledLines(context.io.stdout, [
    ...describeContext(found),
    ...(login ? describeLogin(login) : [["Logged in as", "not logged in"] as const]),
  ]);
}
