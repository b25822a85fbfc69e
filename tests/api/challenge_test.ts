import assert from "node:assert/strict";
import { readChallenge } from "../../src/api/challenge.ts";

const ERROR = 'error="insufficient_user_authentication"';

const cases: [header: string, expected: ReturnType<typeof readChallenge>][] = [
  ["", undefined],
  ["Bearer", undefined],
  ['Bearer error="invalid_token"', undefined],
  [`Basic realm="x", ${ERROR}`, undefined],
  [`Bearer ${ERROR}`, { description: undefined, uri: undefined }],
  ["bearer error=insufficient_user_authentication", { description: undefined, uri: undefined }],
  [`Bearer realm="a, b", ${ERROR}, error_description="Use a passkey, \\"now\\""`, {
    description: 'Use a passkey, "now"',
    uri: undefined,
  }],
  [
    `Basic realm="Bearer ${"x"}", Bearer scope="a b",  ERROR_URI="https://example.com/mfa" , ${ERROR}`,
    {
      description: undefined,
      uri: "https://example.com/mfa",
    },
  ],
  [`Bearer error="invalid_token", Bearer ${ERROR}, error_uri=javascript:alert`, {
    description: undefined,
    uri: undefined,
  }],
  [`Bearer ${ERROR}, error_uri="file:///etc/passwd"`, { description: undefined, uri: undefined }],
  [`Bearer error_description="${"\\\\".repeat(2000)}`, undefined],
  [`Bearer ${ERROR}, x="${"y".repeat(10_000)}"`, undefined],
];
for (const [header, expected] of cases) {
  Deno.test(`readChallenge() of ${header.slice(0, 80)}`, () => {
    const headers = new Headers(header === "" ? {} : { "www-authenticate": header });
    assert.deepEqual(readChallenge(headers), expected);
  });
}
