/** The page where a user decides about an authorization. Only browsers that may use the pages open it (page_access.ts). */

import { type Context, Hono } from "hono";
import { formBody } from "../body.ts";
import { requirementsIn } from "../grants/requirements.ts";
import type { Services } from "../services.ts";
import { emailOf } from "../model/accounts.ts";
import type { Authorization } from "../model/authorizations.ts";
import {
  decidedPage,
  GRANT_DECISION,
  GRANT_PAGE,
  grantPage,
  mismatchPage,
  SHORT_GRANT_SECONDS,
  type Verification,
} from "../pages/grant.ts";
import { messagePage, show } from "../pages/layout.ts";

export const GRANT_PAGES = [GRANT_PAGE, GRANT_DECISION];

export function grantPageRoutes(services: Services): Hono {
  const { accounts, calls, grants } = services;
  const app = new Hono();

  app.get(GRANT_PAGE, (c) => {
    const authorization = grants.authorizations.ofFlow(c.req.query("flow_id") ?? "");
    if (authorization === undefined) return unknownFlow(c);
    if (authorization.status !== "pending") return show(c, decidedPage(authorization));
    return ask(c, authorization);
  });

  app.post(GRANT_DECISION, async (c) => {
    const form = await formBody(c);
    const authorization = grants.authorizations.ofFlow(form.get("flow_id") ?? "");
    if (authorization === undefined) return unknownFlow(c);
    const { flowId, nextUri } = authorization;
    const account = form.get("account") ?? authorization.userId ?? "";
    const as = account === "new" ? emailOf(form.get("email") ?? "") : account;
    if (as === undefined) return ask(c, authorization, "That is not an e-mail address.");
    const decision = form.get("decision");
    const result = await grants.decide(authorization, {
      isAllowed: decision === "allow" || decision === "allow-briefly",
      seconds: decision === "allow-briefly" ? SHORT_GRANT_SECONDS : undefined,
      as,
    });
    if (result === "mismatch") return show(c, mismatchPage(authorization, as), { status: 400 });
    if (result === "completed" && nextUri !== undefined) {
      return c.redirect(new URL(nextUri).href, 303);
    }
    const verification = verificationOf(authorization);
    if (result === "unconfirmed" && verification.by === "application") {
      return c.redirect(withFlow(verification.url, flowId), 303);
    }
    return c.redirect(withFlow(`${new URL(c.req.url).origin}${GRANT_PAGE}`, flowId), 303);
  });

  async function ask(
    c: Context,
    authorization: Authorization,
    problem?: string,
  ): Promise<Response> {
    const { projectId, nextUri } = authorization;
    const verification = verificationOf(authorization);
    const isNamed = (await requirementsIn(calls, projectId)).some((requirement) =>
      grants.providerOf(projectId, requirement) === authorization.providerId
    );
    const after = [nextUri, verification.by === "application" ? verification.url : undefined];
    return show(c, grantPage(authorization, { verification, isNamed, problem }), {
      status: problem === undefined ? 200 : 422,
      formRedirects: after.filter((one) => one !== undefined),
    });
  }

  function verificationOf({ projectId }: Authorization): Verification {
    const settings = grants.providers.verificationOf(projectId);
    if (settings.unsafe_skip_verification) return { by: "no-one" };
    return settings.verifier_url === null
      ? { by: "account", accounts: accounts.all().map(({ email }) => email) }
      : { by: "application", url: settings.verifier_url };
  }

  return app;
}

function withFlow(address: string, flowId: string): string {
  const url = new URL(address);
  url.searchParams.set("flow_id", flowId);
  return url.href;
}

function unknownFlow(c: Context): Response | Promise<Response> {
  const text = "There is nothing to approve here. Request the authorization again.";
  return show(c, messagePage("Unknown authorization", text, "problem"), { status: 404 });
}
