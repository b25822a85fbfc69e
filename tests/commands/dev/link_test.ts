import assert from "node:assert/strict";
import { closeSocketClients } from "../../../src/api/socket_client.ts";
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
  const over = new AbortController();
  const context = home.context({
    interruption: over.signal,
    sleep() {
      removeAddress();
      if (isHeld) lock.close();
      isHeld = false;
      return Promise.resolve();
    },
  });
  try {
    await using link = await openLink(interruptible(context), OPTIONS);
    assert(link.isOwn);
    over.abort();
    await assert.rejects(async () => await Array.fromAsync(link.session.calls));
  } finally {
    closeSocketClients();
  }
});
