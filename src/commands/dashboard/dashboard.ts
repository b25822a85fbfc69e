import type { ActiveProject } from "../../contract/active_project.ts";
import { fetchHealth } from "../../api/health.ts";
import {
  type AddressFlags,
  engineUrl,
  hasAddress,
  pathSegment,
  serviceAddress,
} from "../../hosts/urls.ts";
import { requireRunning } from "../../api/reach.ts";
import { Session } from "../../auth/session.ts";
import { coordinatorOfLogin, engineOfLogin, namedAddress } from "../../target/decide.ts";
import { readFacts } from "../../target/facts.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { Failure } from "../../failure.ts";
import type { OAuthCredentials } from "../../store/credentials.ts";
import { printable } from "../../terminal/safe_text.ts";
import { whyUnattended } from "../../system/attendance.ts";
import { hasBrowser, openBrowser } from "../shared/browser.ts";
import type { Context } from "../context.ts";
import { findLocalArcades } from "../shared/local_arcade.ts";
import { namesOfProject, type ProjectFlags, projectOf } from "../../target/project.ts";

export interface DashboardFlags extends AddressFlags, ContextFlag, ProjectFlags {
  readonly local?: boolean;
  readonly print?: boolean;
}

/** A dashboard. */
interface Dashboard {
  readonly url: string;
  /** Its engine; undefined when it is unknown. */
  readonly engine: string | undefined;
  /** The login that it belongs to; undefined without one. */
  readonly login?: OAuthCredentials;
}

/** Opens the dashboard in the browser, and prints its address. Needs no login. */
export async function openDashboard(context: Context, flags: DashboardFlags): Promise<void> {
  const { url, engine, login } = await findDashboard(context, flags);
  context.io.stdout.write(`${printable(url)}\n`);
  if (flags.print) return;
  // A browser sends its cookies to any program at that port.
  if (login) await requireRunning(context, login);
  if (engine !== undefined) await warnIfUnhealthy(context, engine);
  if (whyUnattended(context.env, context.io.stderr) !== undefined) return;
  const isOpen = hasBrowser(context) && await openBrowser(context, url);
  if (!isOpen) context.io.info("Could not open a browser; open the address yourself");
}

async function findDashboard(context: Context, flags: DashboardFlags): Promise<Dashboard> {
  const isNamed = hasAddress(flags);
  if (flags.local) {
    await projectOf(context, flags, undefined); // refuses flags that name one
    return await findLocal(context, flags, isNamed);
  }
  const facts = await readFacts(context, "engine", flags);
  const { login, variables } = facts;
  if (!login || isNamed) {
    await projectOf(context, flags, undefined);
    return dashboardOf(namedAddress("engine", flags, facts));
  }
  const { dashboardUrl } = login;
  const { url, engine } = dashboardUrl === undefined
    ? dashboardOf(engineOfLogin({}, variables, login))
    : {
      url: serviceAddress(dashboardUrl, "The address of the dashboard in the credentials"),
      engine: login.engineUrl,
    };
  return { url: `${url}${pathOf(await projectIn(context, flags, login))}`, engine, login };
}

/**
 * The dashboard of the running local Arcade, with the active project if it exists there, or else of an engine on this machine,
 * as in the Python CLI.
 */
async function findLocal(
  context: Context,
  flags: DashboardFlags,
  isNamed: boolean,
): Promise<Dashboard> {
  const running = isNamed ? undefined : (await findLocalArcades(context)).own?.address;
  if (running === undefined) return dashboardOf(engineUrl({ ...flags, host: "localhost" }, {}));
  const { login } = await readFacts(context, "engine", flags);
  const project = login?.coordinatorUrl === running ? login.activeProject : undefined;
  return { url: `${running}${pathOf(project)}`, engine: running };
}

function dashboardOf(engine: string): Dashboard {
  return { url: `${engine}/dashboard`, engine };
}

/** The project to open; undefined when none is active. */
async function projectIn(
  context: Context,
  flags: DashboardFlags,
  login: OAuthCredentials,
): Promise<ActiveProject | undefined> {
  if (namesOfProject(context.env, flags) === undefined) return login.activeProject;
  const coordinator = coordinatorOfLogin({}, context.env, login);
  return await projectOf(
    context,
    flags,
    await Session.open(context, login, { coordinator, flags }),
  );
}

function pathOf(project: ActiveProject | undefined): string {
  if (!project) return "";
  return `/orgs/${pathSegment(project.orgId)}/projects/${pathSegment(project.projectId)}`;
}

async function warnIfUnhealthy(context: Context, engine: string): Promise<void> {
  try {
    if (!await fetchHealth(context.http, engine)) context.io.warn(`${engine} is not healthy`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.io.warn(`${error.message}; the dashboard may not work`);
  }
}
