/** The lists of names that completion offers. */

import type { Engine } from "../../api/engine.ts";
import type { Capability } from "../../contract/capability.ts";
import type { NamesCompletion } from "../../cli/completion.ts";
import type { Permission } from "../../cli/permissions.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import type { Context } from "../context.ts";
import type { ProjectFlags } from "../../target/project.ts";

/** A name, with a description that distinguishes it. */
interface Name {
  readonly name: string;
  readonly brief?: string | undefined;
}

type NameFlags = ContextFlag & ProjectFlags;

interface List {
  readonly needs: readonly Permission[];
  /** The capabilities that an agent needs to list them. */
  readonly capabilities: readonly Capability[];
  /** Whether the names may be flags. */
  readonly areFlags?: true;
  readonly find: (
    context: Context,
    flags: NameFlags,
    line: Pick<NamesCompletion, "args" | "pending">,
  ) => Promise<readonly Name[]>;
}

/** The lists by the names that declarations call them by. */
export const LISTS: ReadonlyMap<string, List> = new Map(Object.entries<List>({
  clients: {
    needs: [],
    capabilities: [],
    async find(_context, _flags, { args }) {
      if (args.length > 0) return []; // what follows is a command
      const { CLIENTS } = await import("../../clients/clients.ts");
      return CLIENTS.map(({ id, title }) => ({ name: id, brief: title }));
    },
  },
  contexts: {
    needs: ["read"],
    capabilities: [],
    async find(context) {
      const { readContexts } = await import("../../store/credentials.ts");
      const contexts = await readContexts(context.files.folder());
      return contexts.map(({ contextName, login }) => ({ name: contextName, brief: login?.email }));
    },
  },
  gateways: {
    needs: ["read", "net"],
    capabilities: ["gateways:read"],
    async find(context, flags) {
      const gateways = await (await (await engineFor(context, flags)).gateways()).list();
      return gateways.map(({ slug, name }) => ({ name: slug, brief: name }));
    },
  },
  hubs: {
    needs: ["read"],
    capabilities: [],
    async find(context) {
      const [{ listIdentities }, { identityFile }] = await Promise.all([
        import("../../store/hub_identities.ts"),
        import("../../store/identity_file.ts"),
      ]);
      const { identities } = listIdentities(identityFile(context).path);
      return identities.map(({ hub, name, id }) => ({ name: hub, brief: name ?? id }));
    },
  },
  "mcp-logins": {
    needs: ["read"],
    capabilities: [],
    async find(context) {
      const { mcpLoginServers } = await import("../../store/mcp_logins.ts");
      return mcpLoginServers(context.files.folder()).map((name) => ({ name }));
    },
  },
  organizations: {
    needs: ["read", "net"],
    capabilities: ["orgs:read"],
    async find(context, flags) {
      const [{ accessCoordinator }, { fetchOrganizations }] = await Promise.all([
        import("../../target/access.ts"),
        import("../../api/coordinator.ts"),
      ]);
      const organizations = await fetchOrganizations(await accessCoordinator(context, flags));
      return organizations.map(({ id, name }) => ({ name, brief: id }));
    },
  },
  parameters: {
    needs: ["read", "net"],
    capabilities: ["tools:read"],
    areFlags: true,
    async find(context, flags, { args: [name = ""], pending }) {
      const [engine, { matchTool }, { flagsOf }] = await Promise.all([
        engineFor(context, flags),
        import("../shared/find_tool.ts"),
        import("../shared/parameters.ts"),
      ]);
      const tool = matchTool(await (await engine.tools()).list(), name);
      return flagsOf(tool?.inputs ?? [], pending);
    },
  },
  projects: {
    needs: ["read", "net"],
    capabilities: ["projects:read"],
    async find(context, flags) {
      const { projectsFor } = await import("../shared/projects.ts");
      const { projects } = await projectsFor(context, flags);
      return projects.map(({ id, name }) => ({ name, brief: id }));
    },
  },
  secrets: {
    needs: ["read", "net"],
    capabilities: ["secrets:read"],
    async find(context, flags) {
      const secrets = await (await engineFor(context, flags)).secrets.list();
      return secrets.map(({ key, description }) => ({
        name: key,
        brief: description ?? undefined,
      }));
    },
  },
  servers: {
    needs: ["read", "net"],
    capabilities: ["servers:read"],
    async find(context, flags) {
      const servers = await (await engineFor(context, flags)).servers.list();
      return servers.map(({ name = "", url }) => ({ name, brief: url }));
    },
  },
  tools: {
    needs: ["read", "net"],
    capabilities: ["tools:read"],
    async find(context, flags) {
      const tools = await (await (await engineFor(context, flags)).tools()).list();
      return tools.map(({ name, description }) => ({ name, brief: description }));
    },
  },
}));

async function engineFor(context: Context, flags: NameFlags): Promise<Engine> {
  const { openTarget } = await import("../../target/target.ts");
  return (await openTarget(context, flags)).engine;
}
