/** The server in the working directory. */

import type { ContextFlag } from "../../auth/stored_login.ts";
import { isFile } from "../../system/paths.ts";
import { counted } from "../../text/prose.ts";
import type { Context } from "../context.ts";
import { ENTRYPOINT } from "../shared/flags.ts";
import { interruptible } from "../shared/interruptible.ts";
import { unpackTo } from "../shared/project/archive.ts";
import { findProject, readEnvFile } from "../shared/project/project.ts";
import { findFiles } from "../shared/project/project_files.ts";
import { Steps } from "../shared/project/steps.ts";
import { validate } from "../shared/project/validate.ts";
import { type Finding, ok, warning } from "./findings.ts";

/** Whether there is a server. On request, it is started from a copy as `deploy` does, and its tools are checked for what they need. */
export async function checkServer(
  original: Context,
  flags: ContextFlag & { readonly startServer?: boolean },
): Promise<Finding[]> {
  if (!flags.startServer) return [describeFolder(original)];
  const envFile = await readEnvFile(original);
  const context = interruptible(original, { commandMs: Infinity });
  const project = await findProject(context, { entrypoint: ENTRYPOINT, envFile });
  const files = await findFiles(project.folder, {
    env: context.env,
    os: context.machine.os,
    timeoutMs: context.http.timeoutMs,
    signal: context.http.signal,
  });
  const candidate = {
    project,
    unpackTo: (folder: string) => unpackTo(files, folder, context.http),
    flags,
  };
  const { name, version, toolCount, secrets, providers } = await validate(
    context,
    candidate,
    new Steps(context),
  );
  const own = new Set([
    ...envFile?.keys ?? [],
    ...(await context.machine.variables(secrets)).keys(),
  ]);
  return [
    ok(`${name} ${version} starts, and has ${counted(toolCount, "tool")}`, [name]),
    ...secrets.filter((key) => !own.has(key)).map((key) =>
      warning(
        `Its tools need the secret ${key}`,
        `Add ${key} to .env, or set it in the environment`,
        [key],
      )
    ),
    ...providers.map((provider) => ok(`Its tools need a grant from ${provider}`)),
  ];
}

function describeFolder({ files: { cwd } }: Context): Finding {
  const folder = cwd();
  return ["pyproject.toml", ENTRYPOINT].every((name) => isFile(`${folder}/${name}`))
    ? ok("There is a server in this folder; `--start-server` starts it")
    : ok("There is no server in this folder");
}
