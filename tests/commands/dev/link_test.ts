import assert from "node:assert/strict";
import { openLink } from "../../../src/commands/dev/link.ts";
import { interruptible } from "../../../src/commands/shared/interruptible.ts";
import { defaultDataFolder, ensureOwnFolder } from "../../../src/local/model/data_folder.ts";
import { lockDataFolder, storeAddress } from "../../../src/local/running.ts";
import { InProcess } from "../../support/in_process.ts";

const OPTIONS = { name: "demo", gateway: "dev", auth: "oauth", port: 0, ephemeral: false } as const;

Deno.test("dev waits while another command starts or stops the local Arcade", async () => {
  using home = new InProcess();
  const data = defaultDataFolder(home.folder);
  await ensureOwnFolder(data);
  const lock = await lockDataFolder(data);
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const removeAddress = storeAddress(data, `http://127.0.0.1:${other.addr.port}`);
  let isHeld = true;
  const context = home.context({
    sleep() {
      removeAddress();
      if (isHeld) lock.close();
      isHeld = false;
      return Promise.resolve();
    },
  });
  await using link = await openLink(interruptible(context), OPTIONS);
  assert(link.isOwn);
});
