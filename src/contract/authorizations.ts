/** The engine: what users grant to tools (docs/contracts.md, Engine). */

import type { Fields } from "./fields.ts";

/** An authorization: something that a user is asked to grant. */
export interface Authorization {
  readonly id: string;
  readonly status: string;
  /** Where the user decides; only while it is pending. */
  readonly url: string | undefined;
  readonly provider: string | undefined;
  readonly scopes: readonly string[];
  readonly user: string | undefined;
}

/** The answer of `POST …/tools/authorize`, `POST …/auth/authorize` and `GET …/auth/status`. Its token is left out. */
export function readAuthorization(answer: Fields): Authorization {
  const url = answer.address("url");
  return {
    id: answer.text("id") ?? "",
    status: answer.requiredText("status"),
    url: url !== undefined && /^https?:/i.test(url) ? url : undefined,
    provider: answer.text("provider_id"),
    scopes: answer.texts("scopes") ?? [],
    user: answer.text("user_id"),
  };
}
