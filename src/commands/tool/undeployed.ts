/** `tool call` at an MCP server that is not deployed: one at an address, or one that a command starts. */

import { Fields, InvalidField } from "../../contract/fields.ts";
import { readIdentity, readMcpTool } from "../../contract/mcp_tools.ts";
import { readTool, type Tool } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import { isLoopback } from "../../hosts/address.ts";
import type { CallToolResult, McpConnection, Tool as McpTool } from "../../mcp/connection.ts";
import type { Sensitive } from "../../secrecy/sensitive.ts";
import { didYouMean, firstMatches } from "../../target/choices.ts";
import { openTarget } from "../../target/target.ts";
import type { Context } from "../context.ts";
import { nearTools } from "../shared/find_tool.ts";
import type { Interruptible } from "../shared/interruptible.ts";
import { chooseListed, itemsOf, type ListedName, requireName } from "../shared/listed_name.ts";
import { userOf } from "../shared/user.ts";
import { readInputs } from "./inputs.ts";
import { answerOf } from "./mcp_answer.ts";
import { report } from "./output.ts";
import {
  type CallFlags,
  callMs,
  confirmed,
  mayHaveRun,
  reportDryRun,
  requireReady,
} from "./ready.ts";
import { openServer, type UndeployedServer } from "./undeployed_server.ts";

/** Calls a tool of an MCP server that is not deployed, and prints what it returns. */
export async function callUndeployed(
  context: Interruptible,
  flags: CallFlags,
  named: string | undefined,
): Promise<void> {
  if (flags.toolVersion !== undefined) {
    throw new Failure("usage", "`--tool-version` is for tools of the engine", {
      next: "Leave it out: an MCP server has one version of each tool",
    });
  }
  await requireName(context, named, CHOICE);
  await using server = await openServer(context, flags);
  try {
    await callAt(context, flags, { server, named });
  } catch (error) {
    if (error instanceof Failure && error.isOfService) server.tellOutput();
    throw error;
  }
}

/** The choice of a tool of the server. */
const CHOICE: ListedName = {
  what: "tool",
  next: "Give its name; for an unknown name, arcade shows which tools the server has",
  ifNone: "Check the server",
};

async function callAt(
  context: Interruptible,
  flags: CallFlags,
  { server, named }: { readonly server: UndeployedServer; readonly named: string | undefined },
): Promise<void> {
  const connection = await server.connect();
  const tools = await connection.tools();
  const name = named ??
    await chooseListed(context, CHOICE, itemsOf(tools.map((one) => one.name)));
  const { tool, definition } = findTool(connection, tools, name);
  if (flags.help) return (await import("./call_help.ts")).writeToolHelp(context, flags, tool);
  const { values, problems: wrong } = await readInputs(context, flags, tool);
  const problems = [...wrong, ...inexact(values)];
  // A server or gateway elsewhere gets what it needs there.
  const isHere = server.url === undefined ||
    (isLoopback(server.url.hostname) && /^\/mcp\/?$/.test(server.url.pathname));
  const secrets = isHere ? await server.secrets(tool.secrets) : new Map<string, Sensitive>();
  const missingSecrets = isHere ? tool.secrets.filter((key) => !secrets.has(key)) : [];
  requireReady({ ...tool, missingSecrets }, problems, flags);
  if (flags.dryRun) return reportDryRun(context, flags, tool, values);
  if (!await confirmed(context, flags, tool)) return;
  // Over MCP, such a server refuses these tools (docs/contracts.md, MCP servers).
  const isRefused = isHere && (tool.authorization !== undefined || tool.secrets.length > 0);
  const { url } = server;
  const worker = isRefused && url !== undefined
    ? await (await import("./worker_call.ts")).openWorker(context, flags, { server, url, tool })
    : undefined;
  const grant = isHere ? await grantFor(context, flags, { tool, server }) : undefined;
  const input = Object.fromEntries(
    [...values].map(([key, json]): [string, unknown] => [key, JSON.parse(json)]),
  );
  try {
    if (worker) return await report(context, flags, tool, await worker({ input, secrets, grant }));
    const result = await context.http.networkTime.during(
      () => `Waiting for ${tool.name}`,
      () => connection.call({ tool: definition, input, answerMs: callMs(context) }),
    );
    await reportResult(context, flags, { tool, result });
  } catch (error) {
    throw error instanceof Failure ? callFailure(error, tool) : error;
  }
}

/** The problems with integers that an MCP client cannot send exactly. */
function inexact(values: ReadonlyMap<string, string>): string[] {
  return [...values].flatMap(([name, json]) => {
    const numbers = json.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
    const isExact = numbers.every((one) => !/^-?\d+$/.test(one) || Number.isSafeInteger(+one));
    return isExact ? [] : [`"${name}" is an integer above 2^53, which loses digits over MCP`];
  });
}

/** Prints the result of a call: its texts to stdout, and descriptions of other parts to stderr. */
async function reportResult(
  context: Context,
  flags: CallFlags,
  { tool, result }: { readonly tool: Tool; readonly result: CallToolResult },
): Promise<void> {
  const { io } = context;
  const { answer, notShown, bytes } = answerOf(tool, result);
  const isSaved = flags.output === "raw" && answer.isSuccess && !io.stdout.isTerminal;
  if (isSaved && bytes !== undefined) return io.stdout.writeBytes(bytes);
  await report(context, flags, tool, answer);
  if (notShown.length === 0 || flags.json || flags.output === "json") return;
  const how = bytes === undefined ? "`--output json` has it" : "`--output raw > FILE` saves it";
  io.info(`Not shown: ${notShown.join(", ")}; ${how}`);
}

/** The failure of a call that the server refused or did not answer. */
function callFailure(error: Failure, tool: Tool): Failure {
  if (error.kind !== "server" || !/^-?\d+$/.test(error.reason ?? "")) {
    return mayHaveRun(error, tool);
  }
  return new Failure("tool-failed", error.message, { report: "A tool failed", cause: error });
}

/** A tool, and its definition as the server has sent it. */
interface Found {
  readonly tool: Tool;
  readonly definition: McpTool;
}

/** The tool that a name means: `Kit_Tool` and `Kit.Tool` are the same, in any case; so is the part after the first `_`. */
function findTool(
  connection: McpConnection,
  definitions: readonly McpTool[],
  wanted: string,
): Found {
  const plain = (text: string) => text.replace(".", "_").toLowerCase();
  const name = plain(wanted);
  const [definition, another] = firstMatches(definitions, [
    (one) => one.name === wanted,
    (one) => plain(one.name) === name,
    (one) => plain(one.name).replace(/^[^_]*_/, "") === name,
  ]);
  const names = definitions.map((one) => one.name);
  if (!definition) throw unknownTool(wanted, names);
  if (another) {
    throw new Failure("usage", `More than one tool is called "${wanted}"`, {
      next: `Give its full name, like ${definition.name}`,
    });
  }
  try {
    return { tool: toolOf(definition, connection), definition };
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error;
    throw new Failure("server", `The definition of ${definition.name} has an unknown format`, {
      report: "The definition of a tool has an unknown format",
      next: "Check the server",
      cause: error,
    });
  }
}

function toolOf(definition: McpTool, { identity }: McpConnection): Tool {
  const fields = new Fields({ ...definition });
  const { metadata, ...response } = readMcpTool(fields, readIdentity(new Fields({ ...identity })));
  // Servers of Arcade's framework say here what they need.
  const arcade = fields.fields("_meta")?.fields("arcade")?.mapping;
  const tool = readTool(
    new Fields({
      ...response,
      requirements: arcade?.requirements ?? {},
      metadata: metadata ?? arcade?.metadata,
    }),
  );
  return { ...tool, name: definition.name };
}

/** How many names of tools a message has. */
const SHOWN_NAMES = 20;

function unknownTool(wanted: string, names: readonly string[]): Failure {
  const hint = didYouMean(nearTools(wanted, names));
  const shown = names.slice(0, SHOWN_NAMES).join(", ");
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "";
  return new Failure("not-found", `The server has no tool called "${wanted}"`, {
    report: "An MCP server does not have a tool",
    next: names.length === 0 ? "It has no tools" : `${hint}It has ${shown}${more}`,
  });
}

/**
 * Asks the active Arcade for the grant that the tool needs from the user.
 *
 * @returns the part for a server at an address; a server that a command starts asks the same Arcade itself.
 * @throws {Failure} of kind `grant-needed` or `login`.
 */
async function grantFor(
  context: Interruptible,
  flags: CallFlags,
  { tool, server }: { readonly tool: Tool; readonly server: UndeployedServer },
): Promise<{ readonly user: string; readonly token: Sensitive } | undefined> {
  const { provider, scopes } = tool.authorization ?? {};
  if (provider === undefined || scopes === undefined || server.hasOwnKey) return undefined;
  const { engine, email } = await openTarget(context, flags);
  const user = userOf(context, server, email);
  const grants = await engine.grants();
  const wanted = { scopes, userId: user };
  const asked = await grants.authorize(provider, wanted);
  if (asked.status !== "completed") {
    const { obtainGrant } = await import("./ask.ts");
    await obtainGrant(context, grants, { tool, user, flags, authorization: asked });
  }
  return server.url && { user, token: await grants.token(provider, wanted) };
}
