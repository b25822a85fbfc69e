import { readBearerChallenge } from "../../api/challenge.ts";
import type { HttpAnswer } from "../../api/http_message.ts";
import { isSuccess } from "../../api/http_message.ts";
import type { HttpContext } from "../../api/exchange.ts";
import { reach, throughPeer } from "../../api/local_peer.ts";
import type { McpCredential, McpServer } from "../../api/mcp_server.ts";
import { fetchAuthorizationServer, fetchResource } from "../../auth/mcp_authorization.ts";
import { isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import { GATEWAY_ROOT } from "../../contract/gateways.ts";
import { Failure } from "../../failure.ts";
import { whyUnattended } from "../../system/attendance.ts";
import { isLoopback } from "../../hosts/address.ts";
import { shownAddress } from "../../hosts/urls.ts";
import {
  type McpLogin,
  readMcpLogin,
  removeMcpLogin,
  withMcpLoginsLock,
} from "../../store/mcp_logins.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import { closest } from "../../text/closest.ts";
import { counted, hanging } from "../../text/prose.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { interruptible } from "../shared/interruptible.ts";
import { writeJson } from "../shared/json.ts";
import { logInAtServer, type RunStep } from "../shared/mcp_login.ts";
import { sameProject } from "../shared/same_project.ts";
import { mcpAddress, type McpServerFlags, ownCredential } from "../shared/mcp_server.ts";
import { MOST_TOOLS } from "../shared/choose_tools.ts";
import { McpClient } from "./mcp_client.ts";

export interface TestFlags extends ServiceFlags, McpServerFlags {
  readonly call?: string;
  readonly input?: string;
  readonly newLogin?: boolean;
  readonly clientId?: string;
  readonly callbackPort?: number;
}

/** A completed step. */
interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

/** The maximum length of a server's text in a line. */
const MAX_DETAIL = 200;
/** How many names of tools are shown. */
const MOST_NAMES = 5;

/** Connects to a server step by step, as an MCP client does, and shows each step with its duration. */
export async function testGateway(
  originalContext: Context,
  flags: TestFlags,
  address: string,
): Promise<void> {
  const context = interruptible(originalContext);
  const input = inputOf(flags);
  const server = await mcpAddress(context, flags, address);
  const steps = new Steps(context);
  let tools: readonly string[] = [];
  let failure: Failure | undefined;
  try {
    tools = await walk(context, flags, { server, steps, input });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failure = error;
  }
  const ok = failure === undefined;
  if (flags.json) {
    writeJson(context, { url: shownAddress(server.href), ok, steps: steps.taken, tools });
  }
  if (failure) throw failure;
}

/** The input of the call. */
function inputOf({ call, input }: TestFlags): Mapping {
  if (input === undefined) return {};
  const content = parseJson(input);
  if (call !== undefined && isMapping(content)) return content;
  throw new Failure("usage", "`--input` is the JSON object for the tool in `--call`", {
    next: 'Write it like `--call Math_Add --input \'{"a": 1, "b": 2}\'`',
  });
}

interface Walk {
  readonly server: URL;
  readonly steps: Steps;
  readonly input: Mapping;
}

/** Runs all steps. Returns the names of the tools. */
async function walk(
  context: Interrupted,
  flags: TestFlags,
  { server, steps, input }: Walk,
): Promise<string[]> {
  const http = isLoopback(server.hostname)
    ? (await reach(context, server.origin)).http
    : context.http;
  const anonymous: McpCredential = { http, bearer: undefined, headers: {} };
  const limits = { answerMs: context.http.timeoutMs(), signal: context.http.signal };
  const clientWith = (credential: McpCredential): McpClient => {
    const asked: McpServer = {
      url: server.href,
      credential: () => Promise.resolve(credential),
      renew: () => Promise.resolve(false),
    };
    return new McpClient(asked, limits);
  };
  const answer = await steps.take("request without a login", async () => {
    const answer = await clientWith(anonymous).knock();
    return [describeAnswer(await requireAnswer(answer, server, flags)), answer];
  });
  const credential = isSuccess(answer)
    ? anonymous
    : await credentialFor(context, flags, { server, steps, answer });
  const client = clientWith(credential);
  try {
    await begin(client, steps);
    const tools = await steps.take(`tools/list`, async () => {
      const names = (await client.tools()).map(({ name }) => name);
      const shown = names.slice(0, MOST_NAMES).join(", ") +
        (names.length > MOST_NAMES ? ", …" : "");
      return [`${counted(names.length, "tool")}${shown && `: ${shown}`}`, names];
    });
    if (tools.length > MOST_TOOLS) {
      context.io.warn(`${tools.length} tools are more than many clients support`);
    }
    const { call } = flags;
    if (call !== undefined) {
      await steps.take("tools/call", async () => {
        requireListed(call, tools);
        return [await client.call(call, input), undefined];
      });
    }
    return tools;
  } finally {
    await client.end();
  }
}

type Interrupted = ReturnType<typeof interruptible>;

/** Requires that a tool can be called. Throws a {@link Failure} of kind `not-found`. */
function requireListed(name: string, tools: readonly string[]): void {
  if (tools.includes(name)) return;
  const near = closest(name, tools);
  throw new Failure("not-found", `The server lists no tool called "${name}"`, {
    next: near === undefined ? "Leave out `--call` to see its tools" : `Did you mean "${near}"?`,
  });
}

/** Starts in the newest era that the server supports. */
async function begin(client: McpClient, steps: Steps): Promise<void> {
  const discovered = await steps.take("discover", async () => {
    const found = await client.discover();
    return [found ? "stateless, 2026-07-28" : "not supported, so clients use sessions", found];
  });
  if (discovered) return;
  await steps.take("initialize", async () => {
    const { protocolVersion, serverInfo } = await client.initialize();
    const { name, version } = isMapping(serverInfo) ? serverInfo : {};
    const texts = [name, version].filter((one) => typeof one === "string");
    return [[...texts, `protocol ${protocolVersion}`].join(", "), undefined];
  });
}

/** The result of the first request. */
function describeAnswer({ status, headers }: HttpAnswer): string {
  if (status !== 401) return "answered; no login needed";
  const { resourceMetadata } = readBearerChallenge(headers) ?? {};
  return resourceMetadata === undefined
    ? "401, without the address of its metadata"
    : "401, with the address of its metadata";
}

/** Requires that the first answer is success, or 401. */
async function requireAnswer(
  answer: HttpAnswer,
  server: URL,
  flags: TestFlags,
): Promise<HttpAnswer> {
  if (isSuccess(answer) || answer.status === 401) return answer;
  const isGateway = server.pathname.startsWith(`${GATEWAY_ROOT}/`);
  if (answer.status === 404) {
    throw new Failure("not-found", "No MCP server at this address (404)", {
      next: isGateway
        ? `Check the slug; \`arcade gateway list${sameProject(flags)}\` shows them`
        : "Check the path of the address, which often ends in /mcp",
    });
  }
  const { statusFailure } = await import("../../api/errors.ts");
  const failure = statusFailure({ method: "POST", url: server.href }, answer);
  if (failure.reason !== "gateway_inactive") throw failure;
  const slug = shellWord(decodeURIComponent(server.pathname.slice(GATEWAY_ROOT.length + 1)));
  throw new Failure("forbidden", failure.message, {
    next: `Open it with \`arcade gateway edit ${slug} --status active${sameProject(flags)}\``,
  });
}

/** Obtains the credential that the server requires, as a client does. */
async function credentialFor(
  context: Interrupted,
  flags: TestFlags,
  { server, steps, answer }: Pick<Walk, "server" | "steps"> & { readonly answer: HttpAnswer },
): Promise<McpCredential> {
  const { files } = context;
  // A gateway that takes API keys names no metadata.
  const wantsOwn = readBearerChallenge(answer.headers)?.resourceMetadata === undefined;
  const own = wantsOwn ? await ownCredential(context, flags, server) : undefined;
  if (own) {
    return await steps.take("token", async () => ["from your login or API key", await own()]);
  }
  if (flags.newLogin) {
    await withMcpLoginsLock(files, () => removeMcpLogin(files.folder(), server.href));
  }
  const stored = readMcpLogin(files.folder(), server.href);
  const at = isLoopback(server.hostname)
    ? await reach(context, server.origin)
    : { http: context.http, isProven: false };
  const http = { ...at.http, signal: context.http.signal };
  const login = stored && stored.expiresAt > context.clock.now()
    ? await showStored(stored, { http, server, steps, answer })
    : await logInAtServer(
      { ...context, http },
      { server, refusal: answer, isProven: at.isProven },
      {
        clientId: flags.clientId,
        callbackPort: flags.callbackPort,
        isAttended: whyUnattended(context.env, context.io.stderr) === undefined,
        step: steps.ofLogin,
      },
    );
  return {
    http: login.isProven ? throughPeer(context, server.origin) : context.http,
    bearer: login.accessToken,
    headers: {},
  };
}

/** Checks the metadata as a client without a login would, then continues with the stored login. */
async function showStored(
  login: McpLogin,
  { http, server, steps, answer }: Pick<Walk, "server" | "steps"> & {
    readonly http: HttpContext;
    readonly answer: HttpAnswer;
  },
): Promise<McpLogin> {
  const { authorizationServer } = await steps.ofLogin(
    "resource metadata",
    () => fetchResource(http, server, answer),
  );
  await steps.ofLogin(
    "authorization server",
    () => fetchAuthorizationServer(http, authorizationServer, server),
  );
  const until = login.expiresAt.toISOString();
  return await steps.take(
    "token",
    () => Promise.resolve([`stored, valid until ${until}; --new-login replaces it`, login]),
  );
}

/** Runs steps one after the other, and shows each. */
class Steps {
  readonly taken: Step[] = [];
  readonly #context: Interrupted;

  constructor(context: Interrupted) {
    this.#context = context;
  }

  /**
   * Runs a step in which only the server can be slow.
   *
   * @param work returns the text to show, and the result of the step.
   * @throws {Failure} that says which step failed, after it was shown.
   */
  take<T>(name: string, work: () => Promise<readonly [detail: string, given: T]>): Promise<T> {
    const { networkTime } = this.#context.http;
    return this.#run(name, () => networkTime.during(() => "Waiting for the MCP server", work));
  }

  async #run<T>(
    name: string,
    work: () => Promise<readonly [detail: string, given: T]>,
  ): Promise<T> {
    const started = this.#now();
    try {
      const [detail, given] = await work();
      this.#show({ name, ok: true, started, detail });
      return given;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
      this.#show({ name, ok: false, started, detail: error.message });
      throw error;
    }
  }

  /** Runs a step of a login, in which the user can be slow. */
  readonly ofLogin: RunStep = (name, work) =>
    this.#run(name, async () => {
      const given = await work();
      return [describeLogin(given), given];
    });

  #now(): number {
    return this.#context.clock.elapsedMs();
  }

  #show(
    { name, ok, started, detail }: {
      readonly name: string;
      readonly ok: boolean;
      readonly started: number;
      readonly detail: string;
    },
  ): void {
    const ms = Math.round(this.#now() - started);
    const shown = detail.replace(/\s+/g, " ").slice(0, MAX_DETAIL);
    this.taken.push({ name, ok, ms, detail: shown });
    const { io } = this.#context;
    if (io.json) return;
    const { green, red } = styleFor(io.stdout);
    const state = ok ? green("ok    ") : red("failed");
    const time = `${ms} ms`.padStart(8);
    const told = hanging(printable(shown), INDENT, io.stdout.columns());
    io.stdout.write(`${state} ${time}  ${name.padEnd(NAME_WIDTH)}  ${told}\n`);
  }
}

/** The width of the longest name. */
const NAME_WIDTH = 23;
/** Where details begin. */
const INDENT = 18 + NAME_WIDTH;

/** The result of a login step, without secrets. */
function describeLogin(given: unknown): string {
  if (typeof given === "string") return `client ${given}`;
  if (!isMapping(given)) return "";
  const { authorizationServer, issuer, expiresAt } = given;
  if (expiresAt instanceof Date) return `valid until ${expiresAt.toISOString()}`;
  return [authorizationServer, issuer].filter((one) => typeof one === "string").join();
}
