import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import { readSentEvents } from "../../telemetry/sent_events.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";

/** Shows the events sent from this machine, oldest first. */
export function showSentEvents(context: Context, flags: JsonFlag): void {
  const events = readSentEvents(context.files.folder());
  if (flags.json) {
    writeJson(context, { events });
  } else if (events.length === 0) {
    context.io.stderr.write("No telemetry has been sent from this machine\n");
  } else {
    const { bold } = styleFor(context.io.stdout);
    const shown = events.map(({ sent_at, url, body }) =>
      `${bold(printable(`${sent_at} POST ${url}`))}\n${printable(body)}\n`
    );
    context.io.stdout.write(shown.join("\n"));
  }
}
