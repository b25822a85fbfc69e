/** Calls of a server through its worker routes, with secrets and a grant (docs/contracts.md, Project servers). */

import type { AnsweredCall } from "../../api/tools.ts";
import { Fields, type Mapping } from "../../contract/fields.ts";
import { readToolCall, type Tool } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import { endpointOf } from "../../hosts/address.ts";
import { Worker, WorkerError } from "../../local/servers/worker.ts";
import type { Sensitive } from "../../secrecy/sensitive.ts";
import { usersPort } from "../../system/own_port.ts";
import type { Interruptible } from "../shared/interruptible.ts";
import { type CallFlags, callMs } from "./ready.ts";
import type { UndeployedServer } from "./undeployed_server.ts";

/** The key that signs the engine's requests. */
const SECRET = "ARCADE_WORKER_SECRET";

/** The input of the tool. */
interface WorkerCall {
  readonly input: Mapping;
  readonly secrets: ReadonlyMap<string, Sensitive>;
  /** The user that has granted what the tool needs. */
  readonly grant: { readonly user: string; readonly token: Sensitive } | undefined;
}

/**
 * Prepares calls of a tool as the engine makes them.
 *
 * @throws {Failure} of kind `secret-missing` without the secret of the server; later of kind `network` or `server`.
 */
export async function openWorker(
  context: Interruptible,
  flags: CallFlags,
  { server, url, tool }: {
    readonly server: UndeployedServer;
    readonly url: URL;
    readonly tool: Tool;
  },
): Promise<(call: WorkerCall) => Promise<AnsweredCall>> {
  const secret = (await server.secrets([SECRET])).get(SECRET);
  if (secret === undefined) throw secretUnknown(tool, flags);
  const { http: { signal } } = context;
  const port = await usersPort(endpointOf(url).port);
  const worker = new Worker({
    port: {
      url: port.url,
      fetch: (input, init) =>
        port.fetch(input, {
          ...init,
          signal: AbortSignal.any([signal, ...init?.signal ? [init.signal] : []]),
        }),
    },
    secret: secret.reveal(),
    callMs: callMs(context),
  });
  return (call) => callWorker(context, worker, { ...call, tool, user: flags.user });
}

async function callWorker(
  { http: { signal, networkTime } }: Interruptible,
  worker: Worker,
  { tool, user, input, secrets, grant }: WorkerCall & {
    readonly tool: Tool;
    readonly user: string | undefined;
  },
): Promise<AnsweredCall> {
  try {
    const definitions = await worker.tools();
    const plain = tool.name.toLowerCase();
    const definition = definitions.find(({ qualified_name }) =>
      qualified_name.replace(".", "_").toLowerCase() === plain
    );
    if (!definition) {
      throw new WorkerError("refused", `GET /worker/tools does not list ${tool.name}`);
    }
    const { name, toolkit } = definition;
    const call = {
      execution_id: crypto.randomUUID(),
      tool: { name, toolkit: toolkit.name, version: toolkit.version },
      inputs: input,
      context: {
        authorization: grant && { token: grant.token.reveal(), user_info: {} },
        secrets: [...secrets].map(([key, value]) => ({ key, value: value.reveal() })),
        user_id: grant?.user ?? user,
      },
    };
    const answer = await networkTime.during(
      () => `Waiting for ${tool.name}`,
      () => worker.invoke(call),
    );
    const { success, output } = answer;
    const { value } = output ?? {};
    return {
      ...readToolCall(new Fields({ success, output: output ?? {} })),
      asWritten: JSON.stringify(answer),
      value: value === undefined ? undefined : JSON.stringify(value),
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof WorkerError) throw workerFailure(error);
    throw error;
  }
}

function secretUnknown({ name }: Tool, { envFile = ".env" }: CallFlags): Failure {
  const what = `${name} needs secrets or a grant, which this server accepts only with its secret`;
  return new Failure("secret-missing", `${what} ${SECRET}`, {
    report: "The secret of a server is not set",
    next:
      `Add ${SECRET} to ${envFile} and start the server again, or give its command after \`--\``,
  });
}

function workerFailure(error: WorkerError): Failure {
  const { problem, status, message, cause } = error;
  if (status === 401 || status === 403) {
    return new Failure("server", `The server does not accept this ${SECRET} (${status})`, {
      next: "Set the value that the server was started with",
      status,
      cause: error,
    });
  }
  const kind = problem === "unreachable" || problem === "timeout" ? "network" : "server";
  return new Failure(kind, message, {
    next: status === 404
      ? `Start the server with ${SECRET}, which gives it worker routes`
      : "Check the log of the server",
    ...(status !== undefined && { status }),
    cause: cause ?? error,
  });
}
