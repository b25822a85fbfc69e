/** Coordinators and engines that answer as a test says. */

import { Answers, json, type Place, type Seen } from "./answers.ts";
import { InProcess } from "./in_process.ts";

/** The OAuth settings of a coordinator, with all endpoints at one address. */
export function oauthSettings(url: string) {
  return {
    client_id: "arcade-cli",
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    device_authorization_endpoint: `${url}/device`,
    revocation_endpoint: `${url}/revoke`,
  };
}

/** A coordinator and an engine at one address. All lists are empty, and all changes succeed, unless the test answers. */
export class Services extends Answers {
  constructor(
    answer?: (seen: Seen, request: Request) => Response | Promise<Response> | undefined,
    place?: Place,
  ) {
    super(async (seen, request) => {
      const given = await answer?.(seen, request);
      if (given) return given;
      if (seen.path.endsWith("/cli_config")) return json(oauthSettings(this.url));
      if (seen.path === "/revoke") return new Response();
      return seen.method === "GET"
        ? json({ items: [], data: { items: [] } })
        : new Response(null, { status: 204 });
    }, place);
  }
}

/** The path of the project of the test's login. */
export const SCOPE = "/v1/orgs/org_1/projects/proj_1";

/** The responses of an engine by `METHOD /path` in the project of the test. All other requests get a 404. */
export type Routes = Readonly<
  Record<string, (seen: Seen, request: Request) => Response | Promise<Response>>
>;

/** An engine, and a home with a login for it. Both are removed at the end of the test. */
export class ScriptedEngine implements AsyncDisposable {
  readonly home = new InProcess();
  readonly answers: Answers;

  constructor(routes: Routes) {
    this.answers = new Answers((seen, request) => {
      const { pathname } = new URL(request.url);
      const route = routes[`${seen.method} ${pathname.replace(SCOPE, "")}`];
      return route?.(seen, request) ?? json({ message: "no such thing" }, { status: 404 });
    });
    this.home.writeCredentials();
    this.home.moveLogin({ engine: this.answers.url });
  }

  /** The requests so far, without their common prefix. */
  get asked(): string[] {
    return this.answers.seen.map(({ method, path }) => `${method} ${path.replace(SCOPE, "")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.answers[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}
