import assert from "node:assert/strict";
import { parseTcpTables } from "../../src/system/tcp_tables.ts";

Deno.test("parseTcpTables() reads listeners and connections, and skips headings", () => {
  const tables =
    `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:26B1 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1
   2: 0100007F:D431 0100007F:26B1 01 00000000:00000000 00:00000000 00000000     0        0 113 1
`;
  const local = (port: number) => ({ host: "0100007F", port });
  assert.deepEqual(parseTcpTables(tables), [
    { local: local(9905), remote: { host: "00000000", port: 0 }, isListener: true, uid: 1000 },
    { local: local(54321), remote: local(9905), isListener: false, uid: 0 },
  ]);
  assert.deepEqual(parseTcpTables(""), []);
});
