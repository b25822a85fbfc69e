/** An engine that a test scripts, and a login for it. */

import { Answers, json, type Seen } from "./answers.ts";
import { InProcess } from "./in_process.ts";

/** Where the project of the test's login is. */
export const SCOPE = "/v1/orgs/org_1/projects/proj_1";

/** What an engine answers to `METHOD /path` in the project of the test, by that, and to everything else 404. */
export type Routes = Readonly<
  Record<string, (seen: Seen, request: Request) => Response | Promise<Response>>
>;

/** An engine and a home with a login for it. Both end with the test. */
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

  /** The requests so far, without the beginning that all have. */
  get asked(): string[] {
    return this.answers.seen.map(({ method, path }) => `${method} ${path.replace(SCOPE, "")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.answers[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}
