import { defaultFlag, flag, oneOf, parsedFlag, text, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ENTRYPOINT, projectFlags, serviceFlags } from "../shared/flags.ts";

export const deploy = command({
  brief: "Deploy the server in this folder",
  description: "Deploy the MCP server in this folder: start it here to read its name and tools, " +
    "upload its files and the secrets that the tools need, then show its log until it runs. " +
    "Files that git or .arcadeignore ignores, and files that look like keys, are not uploaded. " +
    "Ctrl-C after the upload lets the deployment continue.",
  examples: [
    ["deploy", "Deploy server.py"],
    ["deploy -e src/weather/server.py", "Deploy another program"],
    ["deploy --dry-run", "Validate the server, list the files, and send nothing"],
    ["deploy --secrets all", "Upload every secret in .env"],
    ["deploy --skip-validate -n weather -v 1.0.0", "Deploy without starting the server here"],
  ],
  flags: {
    entrypoint: defaultFlag("path", "The Python program of the server", {
      letter: "e",
      parse: text,
      default: ENTRYPOINT,
      values: "files",
    }),
    skipValidate: flag("Do not start the server here; needs -n and -v", { alias: "yolo" }),
    serverName: valueFlag("name", "Name of the server (default: as it reports)", { letter: "n" }),
    serverVersion: valueFlag("version", "Version of the server (default: as it reports)", {
      letter: "v",
    }),
    secrets: parsedFlag("which", "Secrets to upload: auto (what tools need), all of .env, skip", {
      letter: "s",
      parse: oneOf("auto", "all", "skip"),
    }),
    dryRun: flag("Validate, list what would be sent, and send nothing"),
    provider: valueFlag("name", "Where the engine runs the server (default: the engine decides)"),
    ...projectFlags,
    ...serviceFlags("engine"),
  },
  needs: ["read", "write", "net", "run"],
  capabilities: ["servers:read", "servers:write", "secrets:read", "secrets:write"],
  isLong: true,
  load: async () => (await import("./deploy.ts")).deploy,
});
