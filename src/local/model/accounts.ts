/**
 * Accounts, their organizations and projects, and the API keys of projects.
 */

import type { Fields } from "../../contract/fields.ts";
import { DEFAULT_EMAIL } from "../environment.ts";
import { type Database, timeIn } from "./database.ts";
import { hashOf, randomOpaque } from "./opaque.ts";

const DEFAULT_ORGANIZATION = "Default organization";
const DEFAULT_PROJECT = "Default project";

/** The e-mail address that a text is; undefined for another one. Checked only as far as a local account needs it. */
export function emailOf(text: string): string | undefined {
  const email = text.trim();
  return email.length <= 254 && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(email) ? email : undefined;
}

export interface Account {
  readonly id: string;
  readonly email: string;
}

function readAccount(row: Fields): Account {
  return { id: row.requiredText("id"), email: row.requiredText("email") };
}

/** An organization or a project. */
export interface OwnedPlace {
  readonly id: string;
  readonly name: string;
  readonly is_default: boolean;
}

function readNamed(row: Fields): OwnedPlace {
  return {
    id: row.requiredText("id"),
    name: row.requiredText("name"),
    is_default: row.requiredInteger("is_default") === 1,
  };
}

/** An account with its organizations and their projects. */
export interface AccountPlaces extends Account {
  readonly organizations: readonly (OwnedPlace & { readonly projects: readonly OwnedPlace[] })[];
}

/** A project, the organization that it is in, and the account that owns both. */
export interface ProjectPlace extends OwnedPlace {
  readonly organization: { readonly id: string; readonly name: string };
  readonly accountId: string;
  readonly email: string;
}

function readProjectPlace(row: Fields): ProjectPlace {
  return {
    ...readNamed(row),
    organization: {
      id: row.requiredText("organization_id"),
      name: row.requiredText("organization_name"),
    },
    accountId: row.requiredText("account_id"),
    email: row.requiredText("email"),
  };
}

/** An organization or a project of a seed. */
export interface Planted {
  /** Undefined for a random one. */
  readonly id?: string | undefined;
  readonly name: string;
}

/** The owner of a valid API key. */
export interface KeyOwner {
  readonly account_id: string;
  readonly organization_id: string;
  readonly project_id: string;
}

function readKeyOwner(row: Fields): KeyOwner {
  return {
    account_id: row.requiredText("account_id"),
    organization_id: row.requiredText("organization_id"),
    project_id: row.requiredText("project_id"),
  };
}

/** An API key, of which only the hash is stored. */
export interface ApiKey {
  readonly id: string;
  readonly fingerprint: string;
  readonly created_at: string;
}

function readApiKey(row: Fields): ApiKey {
  const id = row.requiredText("hash");
  return { id, fingerprint: id.slice(0, 12), created_at: timeIn(row, "created_at") };
}

/** The columns with the parent of an organization or a project. */
const PARENTS = { organizations: "account_id", projects: "organization_id" } as const;

const NAMED = "SELECT id, name, is_default FROM";
const DEFAULT_FIRST = "ORDER BY is_default DESC, created_at, name";

export class Accounts {
  readonly #database: Database;
  readonly #now: () => Date;
  /** The account of the seed. */
  #planted: string | undefined;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** All accounts, oldest first. */
  all(): Account[] {
    return this.#database.all(
      readAccount,
      "SELECT id, email FROM accounts ORDER BY created_at, email",
    );
  }

  /** All accounts with their organizations and projects, oldest first. */
  places(): AccountPlaces[] {
    const projects = this.#byParent("projects");
    const organizations = this.#byParent("organizations");
    return this.all().map((account) => ({
      ...account,
      organizations: (organizations.get(account.id) ?? []).map((organization) => ({
        ...organization,
        projects: projects.get(organization.id) ?? [],
      })),
    }));
  }

  /** All organizations by their accounts, or all projects by their organizations; the default one first. */
  #byParent(table: keyof typeof PARENTS): Map<string, OwnedPlace[]> {
    const rows = this.#database.all(
      (row) => [row.requiredText("parent"), readNamed(row)] as const,
      `SELECT *, ${PARENTS[table]} AS parent FROM ${table} ${DEFAULT_FIRST}`,
    );
    const places = new Map<string, OwnedPlace[]>();
    for (const [parent, place] of rows) {
      const siblings = places.get(parent);
      if (siblings === undefined) places.set(parent, [place]);
      else siblings.push(place);
    }
    return places;
  }

  find(accountId: string): Account | undefined {
    return this.#database.first(
      readAccount,
      "SELECT id, email FROM accounts WHERE id = ?",
      accountId,
    );
  }

  /** The account with an e-mail address. Creates it, with an organization and a project, if it is missing. */
  findOrCreate(email: string): Account {
    return this.#database.transaction(() => {
      const existing = this.#database.first(
        readAccount,
        "SELECT id, email FROM accounts WHERE email = ?",
        email,
      );
      if (existing !== undefined) return existing;
      const id = crypto.randomUUID();
      const createdAt = this.#now().getTime();
      this.#database.run("INSERT INTO accounts VALUES (?, ?, ?)", id, email, createdAt);
      this.#insertOrganization(id, { name: DEFAULT_ORGANIZATION, isDefault: true });
      return { id, email };
    });
  }

  /** The account for automatic approval: the seed's account, the default account, or else the oldest. Creates an account if none exists. */
  forApproval(): Account {
    const all = this.all();
    return all.find(({ id }) => id === this.#planted) ??
      all.find(({ email }) => email === DEFAULT_EMAIL) ?? all[0] ??
      this.findOrCreate(DEFAULT_EMAIL);
  }

  /** The account of programs without automatic approval: the seed's account, or else the oldest. Creates an account if none exists. */
  first(): Account {
    const all = this.all();
    return all.find(({ id }) => id === this.#planted) ?? all[0] ?? this.forApproval();
  }

  /**
   * Creates the users, organizations and projects of a seed, in their order, or renames those with the same ids. The
   * organizations belong to the first user, or else to the oldest account, which is returned and is the user of logins.
   */
  plant(
    users: readonly { readonly id?: string | undefined; readonly email: string }[],
    organizations: readonly (Planted & { readonly projects: readonly Planted[] })[],
  ): Account {
    return this.#database.transaction(() => {
      // Lists are ordered by time.
      let createdAt = this.#now().getTime() - 100_000;
      const [owner = this.all()[0] ?? { email: DEFAULT_EMAIL }, ...others] = users;
      const isNew = organizations.length > 0;
      const account = this.#plantUser(owner, { createdAt: createdAt++, isEmpty: isNew });
      for (const user of others) this.#plantUser(user, { createdAt: createdAt++, isEmpty: false });
      for (const { projects, ...organization } of organizations) {
        const id = this.#plantIn("organizations", account.id, organization, createdAt++);
        const planted = projects.length > 0 || this.projects(id).length > 0
          ? projects
          : [{ name: DEFAULT_PROJECT }];
        for (const project of planted) this.#plantIn("projects", id, project, createdAt++);
      }
      this.#planted = account.id;
      return account;
    });
  }

  #plantUser(
    { id, email }: { readonly id?: string | undefined; readonly email: string },
    { createdAt, isEmpty }: { readonly createdAt: number; readonly isEmpty: boolean },
  ): Account {
    const found = this.#database.first(
      readAccount,
      "SELECT id, email FROM accounts WHERE id = ? OR email = ?",
      ...[id ?? null, email],
    );
    if (found) {
      const isSame = found.email.toLowerCase() === email.toLowerCase();
      if (!isSame || (id !== undefined && found.id !== id)) {
        throw new Error(`Another account has the id or the e-mail address of ${email}`);
      }
      return found;
    }
    const account = { id: id ?? crypto.randomUUID(), email };
    this.#database.run("INSERT INTO accounts VALUES (?, ?, ?)", account.id, email, createdAt);
    if (!isEmpty) {
      this.#insertOrganization(account.id, { name: DEFAULT_ORGANIZATION, isDefault: true });
    }
    return account;
  }

  /** Creates or renames an organization or a project; the first one becomes the default. Returns its id. */
  #plantIn(
    table: keyof typeof PARENTS,
    parent: string,
    { id, name }: Planted,
    createdAt: number,
  ): string {
    const column = PARENTS[table];
    const found = this.#database.first(
      readNamed,
      `${NAMED} ${table} WHERE ${column} = ? AND ${id === undefined ? "name" : "id"} = ? LIMIT 1`,
      ...[parent, id ?? name],
    );
    if (found) {
      this.#database.run(`UPDATE ${table} SET name = ? WHERE id = ?`, name, found.id);
      return found.id;
    }
    if (id !== undefined && this.nameIn(table, id) !== undefined) {
      throw new Error(`The id ${id} of the seed already belongs to something else`);
    }
    const ownId = id ?? crypto.randomUUID();
    const isFirst = `SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`;
    const isDefault = Number(this.#database.first(() => true, isFirst, parent) === undefined);
    const sql = `INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`;
    this.#database.run(sql, ownId, parent, name, isDefault, createdAt);
    return ownId;
  }

  /** The project that a login of an account picks. */
  defaultProject({ id }: Account): OwnedPlace {
    const [organization] = this.organizations(id);
    const [project] = organization ? this.projects(organization.id) : [];
    if (!project) throw new Error("The account has no project");
    return project;
  }

  /** The API key of the default project of an account: a given one if it is still valid, or else a new one. */
  apiKeyOf(account: Account, given: string | undefined): string {
    const { id } = account;
    const project = this.defaultProject(account);
    const isValid = given !== undefined && this.ownerOfApiKey(given)?.project_id === project.id;
    return isValid ? given : this.createApiKey(id, project.id);
  }

  /** The organizations of an account, its default one first. */
  organizations(accountId: string): OwnedPlace[] {
    const sql = `${NAMED} organizations WHERE account_id = ? ${DEFAULT_FIRST}`;
    return this.#database.all(readNamed, sql, accountId);
  }

  /** The account that an organization belongs to. */
  ownerOf(organizationId: string): string | undefined {
    const sql = "SELECT account_id FROM organizations WHERE id = ?";
    return this.#database.first((row) => row.requiredText("account_id"), sql, organizationId);
  }

  /** Creates an organization with a default project. */
  createOrganization(accountId: string, name: string): OwnedPlace {
    return this.#database.transaction(() =>
      this.#insertOrganization(accountId, { name, isDefault: false })
    );
  }

  /** The projects of an organization, its default one first. */
  projects(organizationId: string): OwnedPlace[] {
    const sql = `${NAMED} projects WHERE organization_id = ? ${DEFAULT_FIRST}`;
    return this.#database.all(readNamed, sql, organizationId);
  }

  /** A project of an organization; undefined when it belongs to another one. */
  project(organizationId: string, projectId: string): OwnedPlace | undefined {
    const sql = `${NAMED} projects WHERE organization_id = ? AND id = ?`;
    return this.#database.first(readNamed, sql, organizationId, projectId);
  }

  /** A project of any organization; undefined when it does not exist. */
  place(projectId: string): ProjectPlace | undefined {
    return this.#database.first(
      readProjectPlace,
      `SELECT projects.*, organizations.name AS organization_name, account_id, email
       FROM projects JOIN organizations ON organizations.id = organization_id
       JOIN accounts ON accounts.id = account_id WHERE projects.id = ?`,
      projectId,
    );
  }

  createProject(organizationId: string, name: string): OwnedPlace {
    return this.#insertProject(organizationId, { name, isDefault: false });
  }

  /**
   * Creates an API key of an account for one project. Only its hash is stored, so the key is visible only
   * now.
   */
  createApiKey(
    accountId: string,
    projectId: string,
    key: string = randomOpaque("arc_local_"),
  ): string {
    const createdAt = this.#now().getTime();
    const sql = "INSERT INTO api_keys VALUES (?, ?, ?, ?)";
    this.#database.run(sql, hashOf(key), accountId, projectId, createdAt);
    return key;
  }

  /** The API keys of a project, the oldest first. */
  apiKeys(projectId: string): ApiKey[] {
    const sql = "SELECT hash, created_at FROM api_keys WHERE project_id = ? ORDER BY created_at";
    return this.#database.all(readApiKey, sql, projectId);
  }

  /** An API key of any project, and its project; undefined when it does not exist. */
  findApiKey(id: string): (ApiKey & { readonly projectId: string }) | undefined {
    return this.#database.first(
      (row) => ({ ...readApiKey(row), projectId: row.requiredText("project_id") }),
      "SELECT * FROM api_keys WHERE hash = ?",
      id,
    );
  }

  /** Removes an API key; false when it does not exist. */
  removeApiKey(apiKeyId: string): boolean {
    return this.#database.run("DELETE FROM api_keys WHERE hash = ?", apiKeyId) === 1;
  }

  /** The name of an organization or a project; undefined when it does not exist. */
  nameIn(table: keyof typeof PARENTS, id: string): string | undefined {
    return this.#database.first(readNamed, `${NAMED} ${table} WHERE id = ?`, id)?.name;
  }

  /**
   * Removes an organization or a project with everything in it; false when it does not exist, or is the last one of its account
   * or organization.
   */
  removeFrom(table: keyof typeof PARENTS, id: string): boolean {
    const parent = PARENTS[table];
    return this.#database.run(
      `DELETE FROM ${table} WHERE id = ? AND EXISTS (
         SELECT 1 FROM ${table} AS other
         WHERE other.${parent} = ${table}.${parent} AND other.id <> ${table}.id)`,
      id,
    ) === 1;
  }

  /** The account and project of an API key. */
  ownerOfApiKey(apiKey: string): KeyOwner | undefined {
    return this.#database.first(
      readKeyOwner,
      `SELECT api_keys.account_id, projects.organization_id, api_keys.project_id
       FROM api_keys JOIN projects ON projects.id = api_keys.project_id WHERE hash = ?`,
      hashOf(apiKey),
    );
  }

  #insertOrganization(
    accountId: string,
    options: { name: string; isDefault: boolean },
  ): OwnedPlace {
    const id = crypto.randomUUID();
    const { name, isDefault } = options;
    this.#database.run(
      "INSERT INTO organizations VALUES (?, ?, ?, ?, ?)",
      ...[id, accountId, name, Number(isDefault), this.#now().getTime()],
    );
    this.#insertProject(id, { name: DEFAULT_PROJECT, isDefault: true });
    return { id, name, is_default: isDefault };
  }

  #insertProject(
    organizationId: string,
    options: { name: string; isDefault: boolean },
  ): OwnedPlace {
    const id = crypto.randomUUID();
    const { name, isDefault } = options;
    this.#database.run(
      "INSERT INTO projects VALUES (?, ?, ?, ?, ?)",
      ...[id, organizationId, name, Number(isDefault), this.#now().getTime()],
    );
    return { id, name, is_default: isDefault };
  }
}
