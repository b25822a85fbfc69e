/** A private certificate authority, and a server certificate signed by it. */

import assert from "node:assert/strict";
import { isAvailable, succeeds, type TestMachine } from "./test_machine.ts";

export const withoutOpenssl = !isAvailable(
  "openssl, to make a certificate",
  () => succeeds("openssl", "version"),
);

const SCRIPT = `
set -e
ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $ec -keyout ca.key -out ca.pem -days 2 -subj "/CN=Private CA" \\
  -addext basicConstraints=critical,CA:TRUE
openssl req $ec -keyout server.key -out server.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > extensions
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \\
  -extfile extensions -out server.pem
`;

/** The certificates for a server and its clients. */
export interface Certificates {
  /** The path of the authority's certificate, in PEM. */
  readonly authority: string;
  /** The options of {@link Deno.serve} for localhost and 127.0.0.1. */
  readonly server: { readonly cert: string; readonly key: string };
}

/** Makes an authority and a certificate for localhost and 127.0.0.1, in a folder of a machine. */
export async function makeCertificates(machine: TestMachine): Promise<Certificates> {
  const folder = `${machine.path}/tls`;
  await Deno.mkdir(folder);
  const { code, stderr } = await machine.startProgram(["sh", "-c", SCRIPT], { cwd: folder }).end();
  assert.equal(code, 0, stderr);
  return {
    authority: `${folder}/ca.pem`,
    server: {
      cert: await Deno.readTextFile(`${folder}/server.pem`),
      key: await Deno.readTextFile(`${folder}/server.key`),
    },
  };
}
