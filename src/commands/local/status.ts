import { readLocalEnvironment } from "../../local/environment.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { findLocalArcades } from "../shared/local_arcade.ts";

/** Shows the user's running local Arcades. */
export async function showStatus(context: Context, flags: JsonFlag): Promise<void> {
  const { own, all } = await findLocalArcades(context);
  const rows = all.map((one) => ({
    url: one.address,
    pid: one.pid,
    data: one.data,
    user_id: readLocalEnvironment(one.data)?.ARCADE_USER_ID ?? null,
    active: one === own,
  }));
  if (flags.json) return writeJson(context, { local_arcades: rows });
  if (rows.length === 0) {
    context.io.stderr.write("No local Arcade is running; `arcade local serve` starts one\n");
    return;
  }
  await writeTable(
    context.io.stdout,
    [
      { heading: " ", isWhole: true },
      { heading: "Address", isWhole: true },
      { heading: "Process", isWhole: true },
      { heading: "User" },
      { heading: "Data" },
    ],
    rows.map(({ url, pid, data, user_id, active }) => [
      active ? "*" : " ",
      url,
      String(pid),
      user_id ?? "unknown",
      data,
    ]),
  );
}
