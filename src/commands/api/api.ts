import type { AuthorizedClient } from "../../api/authorized_client.ts";
import type { HttpAnswer, HttpRequest } from "../../api/http_message.ts";
import { type AddressFlags, pathSegment } from "../../hosts/urls.ts";
import type { ActiveProject } from "../../contract/active_project.ts";
import { accessCoordinator, accessEngine } from "../../target/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { Failure } from "../../failure.ts";
import { isMapping, type Mapping, parseJson } from "../../contract/fields.ts";
import { redactData } from "../../secrecy/sensitive.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { type Method, METHODS } from "../../contract/method.ts";
import { decodeText, readNamedFile, readStandardInput } from "../shared/input.ts";
import { writeJsonAsWritten } from "../shared/json_as_written.ts";
import { type ProjectFlags, projectOf } from "../../target/project.ts";

export interface ApiFlags extends AddressFlags, ContextFlag, ProjectFlags {
  readonly coordinator?: boolean;
  readonly field?: readonly string[];
  readonly input?: string;
  readonly include?: boolean;
}

/** Sends an authenticated request, and prints the response. */
export async function sendRequest(
  context: Context,
  flags: ApiFlags,
  method: string,
  path: string,
): Promise<void> {
  const verb = METHODS.find((one) => one === method.toUpperCase());
  if (!verb) {
    throw new Failure("usage", "The method must be GET, POST, PUT, PATCH or DELETE", {
      next: "Write it like `arcade api GET /v1/health`",
    });
  }
  const content = await contentOf(context, flags, verb);
  const { client, base, project } = await access(context, flags, path);
  const url = addressOf(base, path, project);
  if (verb === "GET") {
    for (const [name, value] of readFields(flags.field)) url.searchParams.set(name, value);
  }
  const request: HttpRequest = {
    method: verb,
    url: url.href,
    keepsBytes: true,
    ...(verb !== "GET" && content),
  };
  print(context, flags, await client.request(request));
}

interface Access {
  readonly client: AuthorizedClient;
  readonly base: string;
  /** Undefined when the path needs none, or the credential has none. */
  readonly project: ActiveProject | undefined;
}

async function access(context: Context, flags: ApiFlags, path: string): Promise<Access> {
  if (flags.coordinator) {
    const { client, coordinator, chosen } = await accessCoordinator(context, flags);
    return { client, base: coordinator, project: chosen };
  }
  const { client, engine, session } = await accessEngine(context, flags);
  const needsProject = /\{(?:org|project)\}/.test(path);
  const project = needsProject ? await projectOf(context, flags, session) : undefined;
  return { client, base: engine, project };
}

/**
 * The address of a request. It stays within the service, because the token goes there.
 *
 * @throws {Failure} of kind `usage`.
 */
function addressOf(base: string, path: string, project: ActiveProject | undefined): URL {
  const filled = path.replace(/\{(org|project)\}/g, (_, name: "org" | "project") => {
    if (!project) {
      throw new Failure("usage", `This credential has no known {${name}}`, {
        next: "Write the id in the path, or use your login",
      });
    }
    return pathSegment(name === "org" ? project.orgId : project.projectId);
  });
  const url = URL.parse(`${base}/${filled.replace(/^\/+/, "")}`);
  if (!url || /^[a-z][a-z\d+.-]*:/i.test(path) || url.origin !== new URL(base).origin) {
    throw new Failure("usage", "The path must be a path on the service, such as /v1/health", {
      next: "Name another server with `--host`",
    });
  }
  url.hash = "";
  return url;
}

/** The content of a request, to be sent as it was written; undefined without any. */
async function contentOf(
  context: Context,
  { field, input }: ApiFlags,
  method: Method,
): Promise<{ readonly json: Mapping; readonly jsonText: string } | undefined> {
  const fields = readFields(field);
  if (input !== undefined && method === "GET") {
    throw new Failure("usage", "`--input` cannot be used with GET", {
      next: "Pass query parameters with `--field`",
    });
  }
  if (input === undefined && fields.size === 0) return undefined;
  const jsonText = input === undefined ? jsonOf(fields) : await readInput(context, input);
  const json = parseJson(jsonText);
  if (isMapping(json)) return { json, jsonText };
  throw new Failure("usage", "The input is not a JSON object", { next: "Check the file" });
}

async function readInput(context: Context, input: string): Promise<string> {
  const bytes = input === "-" ? await readStandardInput(context) : await readNamedFile(input);
  return decodeText(bytes, { what: "The input", next: "Save it as UTF-8" });
}

/** The values of `--field` as they are written, by name. */
function readFields(written: readonly string[] = []): Map<string, string> {
  return new Map(written.map((one) => {
    const at = one.indexOf("=");
    if (at < 1) {
      throw new Failure("usage", "`--field` needs a name and a value", {
        next: "Write it like `--field name=value`",
      });
    }
    return [one.slice(0, at), one.slice(at + 1)];
  }));
}

/** A JSON object. A value is an integer or a decimal, true, false, null, or else a text. */
function jsonOf(fields: ReadonlyMap<string, string>): string {
  const isLiteral = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?)$/;
  const members = [...fields].map(([name, value]) =>
    `${JSON.stringify(name)}:${isLiteral.test(value) ? value : JSON.stringify(value)}`
  );
  return `{${members.join(",")}}`;
}

function print(context: Context, flags: ApiFlags, answer: HttpAnswer): void {
  const { stdout } = context.io;
  if (flags.include) {
    const lines = [...answer.headers].map(([name, value]) =>
      `${name}: ${printable(redactData(value))}\n`
    );
    stdout.write(`HTTP ${answer.status}\n${lines.join("")}\n`);
  }
  const { bytes = new Uint8Array() } = answer;
  const text = decodeStrictly(bytes);
  if (text !== undefined && parseJson(text) !== undefined) {
    return writeJsonAsWritten(context, text);
  }
  const lines = redactData(text ?? answer.text).split("\n");
  if (stdout.isTerminal && lines.join("") !== "") {
    stdout.write(`${lines.map(printable).join("\n")}\n`);
  } else if (text === undefined) stdout.writeBytes(bytes);
  else stdout.write(lines.join("\n"));
}

/** UTF-8 with its byte order mark; undefined for other bytes. */
function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
