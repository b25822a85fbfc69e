/** The seed of a local Arcade: a YAML file (docs/local-arcade.md, Seed). */

import { isName } from "../../contract/coordinator.ts";
import { GATEWAY_SLUG } from "../../contract/gateways.ts";
import { isProvider, isScope, isUser } from "../../contract/grants.ts";
import { isWebAddress } from "../../contract/request.ts";
import { MAX_SECRET_CHARACTERS, SECRET_KEY } from "../../contract/secrets.ts";
import { SERVER_NAME } from "../../contract/servers.ts";
import { Failure } from "../../failure.ts";
import { emailOf } from "../../local/model/accounts.ts";
import type {
  Seed,
  SeedGateway,
  SeedGrant,
  SeedOrganization,
  SeedUser,
} from "../../local/model/seed.ts";
import type { SeedServer } from "../../local/servers/seed_servers.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { splitPath } from "../../system/paths.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { decodeText, readNamedFile } from "../shared/input.ts";
import { parseDuration, parseTimestamp } from "../shared/times.ts";
import { absolute } from "../../system/guarded_program.ts";
import { type ErrorAt, parseYaml, type YamlEntry, type YamlTree } from "./yaml_tree.ts";

/** The version of the format. */
const VERSION = "1";

/**
 * Reads a seed, including the values that it refers to.
 *
 * @throws {Failure} of kind `usage` that names the line but no value; of kind `file`.
 */
export async function readSeed(context: Context, path: string): Promise<Seed> {
  const file = absolute(context.files.cwd(), path);
  const next = "Correct the seed; docs/local-arcade.md describes all its keys";
  const text = decodeText(await readNamedFile(file), { what: printable(path), next });
  const errorAt: ErrorAt = (line, message) =>
    new Failure("usage", `${path}, line ${line}: ${message}`, { next });
  return await new SeedReader(context, { folder: splitPath(file).folder, errorAt }).read(text);
}

class SeedReader {
  readonly #context: Context;
  readonly #folder: string;
  readonly #errorAt: ErrorAt;
  /** The ids of each kind, because each must be unique. */
  readonly #ids = new Set<string>();

  constructor(
    context: Context,
    { folder, errorAt }: { readonly folder: string; readonly errorAt: ErrorAt },
  ) {
    this.#context = context;
    this.#folder = folder;
    this.#errorAt = errorAt;
  }

  async read(text: string): Promise<Seed> {
    const tree = parseYaml(text, this.#errorAt);
    const { version, users, organizations, secrets, servers, grants, gateways } = this.#fields(
      tree,
      [
        "version",
        "users",
        "organizations",
        "secrets",
        "servers",
        "grants",
        "gateways",
      ],
    );
    if (version && this.#text(version) !== VERSION) {
      throw this.#errorAt(version.line, `The only version is ${VERSION}`);
    }
    return {
      users: this.#items(users).map((item) => this.#user(item)),
      organizations: this.#items(organizations).map((item) => this.#organization(item)),
      secrets: await this.#secrets(secrets),
      servers: await Promise.all(this.#items(servers).map((item) => this.#server(item))),
      grants: await Promise.all(this.#items(grants).map((item) => this.#grant(item))),
      gateways: this.#items(gateways).map((item) => this.#gateway(item)),
    };
  }

  #user(item: YamlTree): SeedUser {
    if (item.kind === "text") return { email: this.#email(item) };
    const { id, email } = this.#fields(item, ["id", "email"]);
    return { id: this.#id(id, "user"), email: this.#email(this.#required(item, email, "email")) };
  }

  #email(value: YamlTree): string {
    const email = emailOf(this.#textOf(value, "an e-mail address"));
    if (email === undefined) throw this.#errorAt(value.line, "This is not an e-mail address");
    this.#once(`email ${email.toLowerCase()}`, value.line, "This user is listed twice");
    return email;
  }

  #organization(item: YamlTree): SeedOrganization {
    const { id, name, projects } = this.#fields(item, ["id", "name", "projects"]);
    return {
      id: this.#id(id, "organization"),
      name: this.#name(item, name),
      projects: this.#items(projects).map((project) => {
        const { id, name } = this.#fields(project, ["id", "name"]);
        return { id: this.#id(id, "project"), name: this.#name(project, name) };
      }),
    };
  }

  async #secrets(entry: YamlEntry | undefined): Promise<Map<string, Sensitive>> {
    const secrets = new Map<string, Sensitive>();
    for (const { key, line, value } of this.#entries(entry)) {
      if (!SECRET_KEY.test(key)) throw this.#errorAt(line, "This is not a valid secret key");
      const source = this.#textOf(value, "a value, env:NAME or file:PATH");
      const secret = await this.#value(source, value.line);
      const { length } = secret;
      if (length === 0) throw this.#errorAt(value.line, `The value of ${key} is empty`);
      if (length > MAX_SECRET_CHARACTERS || secret.reveal().includes("\0")) {
        throw this.#errorAt(
          value.line,
          `The value of ${key} has more than ${MAX_SECRET_CHARACTERS} characters, or contains NUL`,
        );
      }
      secrets.set(key, secret);
    }
    return secrets;
  }

  async #server(item: YamlTree): Promise<SeedServer> {
    const { name: nameEntry, url, secret, folder, command } = this.#fields(item, [
      "name",
      "url",
      "secret",
      "folder",
      "command",
    ]);
    const name = this.#textOf(this.#required(item, nameEntry, "name"), "a name");
    if (!SERVER_NAME.test(name)) {
      throw this.#errorAt(item.line, "A server name has only letters, digits, `_`, `.` and `-`");
    }
    this.#once(`server ${name}`, item.line, "This server is listed twice");
    if (url) {
      const other = folder ?? command;
      if (other) {
        throw this.#errorAt(other.line, "A server has either a url or a folder and a command");
      }
      const address = (await this.#value(this.#text(url), url.line)).reveal();
      if (!isWebAddress(address)) {
        throw this.#errorAt(url.line, "Expected an address, such as http://127.0.0.1:8001/mcp");
      }
      return {
        name,
        url: address,
        secret: secret && await this.#value(this.#text(secret), secret.line),
      };
    }
    if (secret) throw this.#errorAt(secret.line, "Only a server with a url has a secret");
    const place = this.#textOf(this.#required(item, folder, "folder"), "a folder");
    const path = absolute(this.#folder, place);
    if (!await isFolder(path)) throw this.#errorAt(folder?.line ?? item.line, "No such folder");
    const words = this.#required(item, command, "command");
    if (words.kind !== "list" || words.items.length === 0) {
      throw this.#errorAt(words.line, "Expected a list: the program, and its arguments");
    }
    return {
      name,
      folder: await Deno.realPath(path),
      command: words.items.map((word) => this.#textOf(word, "a text")),
    };
  }

  async #grant(item: YamlTree): Promise<SeedGrant> {
    const { user, provider, scopes, token, expires } = this.#fields(item, [
      "user",
      "provider",
      "scopes",
      "token",
      "expires",
    ]);
    return {
      user: this.#textBy(
        this.#required(item, user, "user"),
        isUser,
        "A user has 1 to 256 characters, without control characters",
      ),
      provider: this.#textBy(
        this.#required(item, provider, "provider"),
        isProvider,
        "A provider has 1 to 100 letters, digits, `_`, `.` and `-`",
      ),
      scopes: this.#items(scopes).map((scope) =>
        this.#textBy(scope, isScope, "A scope has 1 to 500 printable ASCII characters, no blanks")
      ),
      token: token && await this.#value(this.#text(token), token.line),
      expiresAt: expires && this.#time(expires),
    };
  }

  #gateway(item: YamlTree): SeedGateway {
    const { name, slug, description, auth, status, tools } = this.#fields(item, [
      "name",
      "slug",
      "description",
      "auth",
      "status",
      "tools",
    ]);
    const word = slug && this.#text(slug);
    if (word !== undefined) {
      const line = slug?.line ?? item.line;
      if (!GATEWAY_SLUG.test(word)) {
        throw this.#errorAt(line, "A slug has only letters, digits, `_` and `-`");
      }
      this.#once(`slug ${word.toLowerCase()}`, line, "This slug is listed twice");
    }
    return {
      name: this.#name(item, name),
      slug: word,
      description: description && this.#text(description),
      auth: this.#choice(auth, ["oauth", "header"]),
      status: this.#choice(status, ["active", "inactive"]),
      tools: tools && this.#items(tools).map((tool) => this.#textOf(tool, "the name of a tool")),
    };
  }

  /** One of some words, by default the first. */
  #choice<T extends string>(
    entry: YamlEntry | undefined,
    words: readonly [T, ...(readonly T[])],
  ): T {
    if (!entry) return words[0];
    const text = this.#text(entry);
    const found = words.find((word) => word === text);
    if (found === undefined) throw this.#errorAt(entry.line, `Expected ${words.join(" or ")}`);
    return found;
  }

  /** A duration from now, or a time with its zone. */
  #time(entry: YamlEntry): Date {
    const text = this.#text(entry);
    const milliseconds = parseDuration(text);
    const time = milliseconds === undefined
      ? parseTimestamp(text)
      : new Date(this.#context.clock.now().getTime() + milliseconds);
    if (time !== undefined && !Number.isNaN(time.getTime())) return time;
    throw this.#errorAt(
      entry.line,
      "Expected a duration such as 15m, or a time such as 2030-01-01T00:00:00Z",
    );
  }

  async #value(source: string, line: number): Promise<Sensitive> {
    const [, kind, name = ""] = /^(env|file):(.+)$/s.exec(source) ?? [];
    if (kind === undefined) return new Sensitive(source, "value");
    if (kind === "env") {
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        throw this.#errorAt(line, "The name of the variable is missing after env:");
      }
      const value = (await this.#context.machine.variables([name])).get(name);
      if (value === undefined) throw this.#errorAt(line, `The variable ${name} is not set`);
      return new Sensitive(value, "value");
    }
    try {
      const bytes = await readNamedFile(absolute(this.#folder, name));
      const text = decodeText(bytes, { what: "The file", next: "", keepsMark: true });
      return new Sensitive(text.replace(/\r?\n$/, ""), "value");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw this.#errorAt(line, `The file with this value cannot be used: ${error.message}`);
    }
  }

  #id(entry: YamlEntry | undefined, kind: string): string | undefined {
    if (!entry) return undefined;
    const id = this.#text(entry);
    if (!/^[A-Za-z0-9][\w.-]{0,99}$/.test(id)) {
      throw this.#errorAt(entry.line, "An id has only letters, digits, `_`, `.` and `-`");
    }
    this.#once(`${kind} ${id}`, entry.line, `This id of ${article(kind)} is listed twice`);
    return id;
  }

  #once(what: string, line: number, message: string): void {
    if (this.#ids.has(what)) throw this.#errorAt(line, message);
    this.#ids.add(what);
  }

  #name(owner: YamlTree, entry: YamlEntry | undefined): string {
    const rule = "A name has 1 to 100 characters, without control characters";
    return this.#textBy(this.#required(owner, entry, "name"), isName, rule).trim();
  }

  /** A text that follows a rule. */
  #textBy(value: YamlTree, isValid: (text: string) => boolean, rule: string): string {
    const text = this.#textOf(value, "a text");
    if (!isValid(text)) throw this.#errorAt(value.line, rule);
    return text;
  }

  #required(owner: YamlTree, entry: YamlEntry | undefined, key: string): YamlTree {
    if (!entry) throw this.#errorAt(owner.line, `The key ${key} is missing`);
    return entry.value;
  }

  #text(entry: YamlEntry): string {
    return this.#textOf(entry.value, "a text");
  }

  #textOf(value: YamlTree, expected: string): string {
    if (value.kind === "text") return value.text;
    throw this.#errorAt(value.line, `Expected ${expected}`);
  }

  #items(entry: YamlEntry | undefined): readonly YamlTree[] {
    if (entry === undefined || isEmpty(entry.value)) return [];
    if (entry.value.kind === "list") return entry.value.items;
    throw this.#errorAt(entry.line, `Expected a list of ${entry.key}`);
  }

  #entries(entry: YamlEntry | undefined): readonly YamlEntry[] {
    if (entry === undefined || isEmpty(entry.value)) return [];
    if (entry.value.kind === "map") return entry.value.entries;
    throw this.#errorAt(entry.line, `Expected keys and values under ${entry.key}`);
  }

  /** The entries of a mapping by their keys. An unknown one is an error. */
  #fields<K extends string>(
    tree: YamlTree | undefined,
    keys: readonly K[],
  ): Partial<Record<K, YamlEntry>> {
    const found: Partial<Record<K, YamlEntry>> = {};
    if (tree === undefined) return found;
    if (tree.kind !== "map") {
      throw this.#errorAt(tree.line, `Expected a mapping with ${keys.join(", ")}`);
    }
    for (const entry of tree.entries) {
      const key = keys.find((one) => one === entry.key);
      if (key === undefined) {
        const shown = /^[a-z_]{1,20}$/i.test(entry.key) ? ` ${entry.key}` : "";
        throw this.#errorAt(entry.line, `Unknown key${shown}; expected ${keys.join(", ")}`);
      }
      found[key] = entry;
    }
    return found;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

function isEmpty(value: YamlTree): boolean {
  return value.kind === "text" && value.text === "";
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
