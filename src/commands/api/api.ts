import type { AuthorizedClient } from "../../api/authorized_client.ts";
import type { HttpAnswer, HttpRequest } from "../../api/http_message.ts";
import { type AddressFlags, pathSegment } from "../../hosts/urls.ts";
import type { ActiveProject } from "../../active_project.ts";
import { accessCoordinator, accessEngine } from "../../target/access.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import { Failure } from "../../failure.ts";
import { isMapping, type Mapping, parseJson } from "../../fields.ts";
import { redactData } from "../../sensitive.ts";
import { printable, printableJson } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { METHODS } from "./methods.ts";
import { decodeText, readNamedFile, readStandardInput } from "../shared/input.ts";
import { type ProjectFlags, projectOf } from "../shared/project.ts";

export interface ApiFlags extends AddressFlags, ContextFlag, ProjectFlags {
  readonly coordinator?: boolean;
  readonly field?: readonly string[];
  readonly input?: string;
  readonly include?: boolean;
}

type Method = typeof METHODS[number];

/** Sends an authorized request, and prints the answer. */
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
    for (const [name, value] of Object.entries(content ?? {})) {
      url.searchParams.set(name, String(value));
    }
  }
  const request: HttpRequest = {
    method: verb,
    url: url.href,
    ...(content && verb !== "GET" && { json: content }),
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
      throw new Failure("usage", `This credential has no id for {${name}}`, {
        next: "Write the id itself, or use your login",
      });
    }
    return pathSegment(name === "org" ? project.orgId : project.projectId);
  });
  const url = URL.parse(`${base}/${filled.replace(/^\/+/, "")}`);
  if (!url || /^[a-z][a-z\d+.-]*:/i.test(path) || url.origin !== new URL(base).origin) {
    throw new Failure("usage", "The path must be one of the service, such as /v1/health", {
      next: "Name another server with `--host`",
    });
  }
  url.hash = "";
  return url;
}

/** The fields of a request; undefined without any. */
async function contentOf(
  context: Context,
  { field = [], input }: ApiFlags,
  method: Method,
): Promise<Mapping | undefined> {
  if (input !== undefined && (field.length > 0 || method === "GET")) {
    throw new Failure("usage", "`--input` cannot be used with `--field` or GET", {
      next: "Put all fields into the file, or use `--field` for each",
    });
  }
  if (input === undefined) {
    return field.length === 0 ? undefined : Object.fromEntries(field.map(readField));
  }
  const bytes = input === "-" ? await readStandardInput(context) : await readNamedFile(input);
  const content = parseJson(decodeText(bytes, { what: "The input", next: "Save it as UTF-8" }));
  if (isMapping(content)) return content;
  throw new Failure("usage", "The input is not a JSON object", { next: "Check the file" });
}

/** A field, whose value is a JSON number, true, false, null, or else a text. */
function readField(written: string): [name: string, value: unknown] {
  const at = written.indexOf("=");
  if (at < 1) {
    throw new Failure("usage", "`--field` needs a name and a value", {
      next: "Write it like `--field name=value`",
    });
  }
  const value = written.slice(at + 1);
  const isLiteral = /^(?:true|false|null|-?(?:0|[1-9]\d{0,14})(?:\.\d+)?)$/.test(value);
  return [written.slice(0, at), isLiteral ? JSON.parse(value) : value];
}

function print({ stdout }: Context, flags: ApiFlags, { status, headers, text }: HttpAnswer): void {
  if (flags.include) {
    const lines = [...headers].map(([name, value]) => `${name}: ${printable(redactData(value))}\n`);
    stdout.write(`HTTP ${status}\n${lines.join("")}\n`);
  }
  if (text === "") return;
  const shown = redactData(text);
  const content = parseJson(shown);
  if (content !== undefined) stdout.write(`${printableJson(content)}\n`);
  else stdout.write(stdout.isTerminal ? `${shown.split("\n").map(printable).join("\n")}\n` : shown);
}
