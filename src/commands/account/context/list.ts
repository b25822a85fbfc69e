import { notLoggedIn } from "../../../auth/stored_login.ts";
import { readContexts } from "../../../store/credentials.ts";
import { writeTable } from "../../../terminal/table.ts";
import type { Context } from "../../context.ts";
import type { JsonFlag } from "../../shared/flags.ts";
import { writeJson } from "../../shared/json.ts";
import { addressesToJson } from "../../shared/login_fields.ts";

/** Lists the stored contexts. Reads the file only. */
export async function listContexts(context: Context, flags: JsonFlag): Promise<void> {
  const contexts = await readContexts(context.files.folder());
  const rows = contexts.map((one) => ({
    name: one.contextName,
    ...addressesToJson(one),
    active: one.isActive,
    email: one.login?.email ?? null,
  }));
  if (flags.json) return writeJson(context, { contexts: rows });
  if (rows.length === 0) throw notLoggedIn(context);
  await writeTable(
    context.io.stdout,
    [
      { heading: " ", isWhole: true },
      { heading: "Name", isWhole: true },
      { heading: "Kind" },
      { heading: "Engine", isWhole: true },
      { heading: "User" },
    ],
    rows.map(({ active, name, kind, engine_url, email }) => [
      active ? "*" : " ",
      name,
      kind === "cloud" ? "cloud" : "self-hosted",
      engine_url ?? "unknown",
      email ?? "not logged in",
    ]),
  );
}
