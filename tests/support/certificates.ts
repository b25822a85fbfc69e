/** A private certificate authority, and a server certificate signed by it. */

import assert from "node:assert/strict";
import type { Place } from "./answers.ts";
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
cat > ca.cnf <<END
[ca]
default_ca = authority
[authority]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
END
: > index
echo 01 > serial
sign() {
  openssl req $ec -keyout $1.key -out $1.csr -subj /CN=$1
  printf "subjectAltName=$2\\nbasicConstraints=CA:FALSE\\n" > extensions
  shift 2
  openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -extfile extensions "$@"
}
here=DNS:localhost,IP:127.0.0.1
sign server $here -in server.csr -out server.pem -days 2
sign expired $here -in expired.csr -out expired.pem -startdate 20200101000000Z -enddate 20200201000000Z
sign future $here -in future.csr -out future.pem -startdate 20900101000000Z -enddate 20910101000000Z
sign elsewhere DNS:expired.example -in elsewhere.csr -out elsewhere.pem -days 2
openssl req -x509 $ec -keyout self-signed.key -out self-signed.pem -days 2 -subj /CN=localhost \\
  -addext subjectAltName=$here -addext basicConstraints=critical,CA:FALSE
openssl req -x509 $ec -keyout authority.key -out authority.pem -days 2 -subj /CN=localhost \\
  -addext subjectAltName=$here
`;

/** The certificates for a server and its clients. */
export interface Certificates {
  /** The path of the authority's certificate, in PEM. */
  readonly authority: string;
  /** One for localhost and 127.0.0.1. */
  readonly server: NonNullable<Place["certificate"]>;
  /** Certificates that no client accepts, by their defects. */
  readonly bad: Readonly<Record<Bad, NonNullable<Place["certificate"]>>>;
}

type Bad = "expired" | "future" | "elsewhere" | "self-signed" | "authority";

/** Makes an authority, a certificate for localhost and 127.0.0.1, and bad ones, in a folder of a machine. */
export async function makeCertificates(machine: TestMachine): Promise<Certificates> {
  const folder = `${machine.path}/tls`;
  await Deno.mkdir(folder);
  const { code, stderr } = await machine.startProgram(["sh", "-c", SCRIPT], { cwd: folder }).end();
  assert.equal(code, 0, stderr);
  const read = (name: string) => ({
    cert: Deno.readTextFileSync(`${folder}/${name}.pem`),
    key: Deno.readTextFileSync(`${folder}/${name}.key`),
  });
  return {
    authority: `${folder}/ca.pem`,
    server: read("server"),
    bad: {
      expired: read("expired"),
      future: read("future"),
      elsewhere: read("elsewhere"),
      "self-signed": read("self-signed"),
      authority: read("authority"),
    },
  };
}
