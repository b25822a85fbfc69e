import assert from "node:assert/strict";
import { ownersOf } from "../../../src/commands/shared/peer.ts";

const TABLES =
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:26B1 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1
   1: 0100007F:26B1 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 112 1
   2: 0100007F:D431 0100007F:26B1 01 00000000:00000000 00:00000000 00000000  1001        0 113 1
   3: 0100007F:D432 0100007F:26B1 06 00000000:00000000 00:00000000 00000000     0        0 0 1
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:D433 0000000000000000FFFF00000100007F:26B1 01 00000000:00000000 00:00000000 00000000  1002        0 114 1
`;

Deno.test("ownersOf() finds the owner of the client's end, also for an IPv6 socket", () => {
  const to = 0x26b1;
  assert.deepEqual(ownersOf({ from: 0xd431, to }, TABLES), [1001]);
  assert.deepEqual(ownersOf({ from: 0xd432, to }, TABLES), [0]);
  assert.deepEqual(ownersOf({ from: 0xd433, to }, TABLES), [1002]);
  assert.deepEqual(ownersOf({ from: 0xd434, to }, TABLES), []);
  assert.deepEqual(ownersOf({ from: to, to: 0xd431 }, TABLES), [1000]);
  assert.deepEqual(ownersOf({ from: 0xd431, to }, ""), []);
});
