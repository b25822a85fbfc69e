import { defaultFlag, flag, oneOf, parsedFlag, text, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { ENTRYPOINT, projectFlags, serviceFlags } from "../shared/flags.ts";

export const deploy = command({
  brief: "Deploy the server in this folder",
  description: "Deploy the MCP server in this folder: start it here and ask for its name and its " +
    "tools, upload the secrets that they need and the files, then show its log until it runs. " +
    "Files that git or .arcadeignore ignores stay here, and files that look like keys. Ctrl-C after " +
    "the upload lets the deployment continue.",
  examples: [
    ["deploy", "Deploy server.py"],
    ["deploy -e src/weather/server.py", "Deploy another program"],
    ["deploy --dry-run", "Validate it, list the files, and send nothing"],
    ["deploy --secrets all", "Upload every secret of .env"],
    ["deploy --skip-validate -n weather -v 1.0.0", "Do not start it here"],
  ],
  flags: {
    entrypoint: defaultFlag("path", "The Python program of the server", {
      letter: "e",
      parse: text,
      default: ENTRYPOINT,
      values: "files",
    }),
    skipValidate: flag("Do not start the server here; needs -n and -v", { alias: "yolo" }),
    serverName: valueFlag("name", "Name of the server (default: what it says)", { letter: "n" }),
    serverVersion: valueFlag("version", "Version of the server (default: what it says)", {
      letter: "v",
    }),
    secrets: parsedFlag("which", "Secrets to upload: auto (what tools need), all of .env, skip", {
      letter: "s",
      parse: oneOf("auto", "all", "skip"),
    }),
    dryRun: flag("Validate, list what would be sent, and send nothing"),
    provider: valueFlag("name", "Where the engine runs the server (default: it decides)"),
    ...projectFlags,
    ...serviceFlags("engine"),
  },
  needs: ["read", "write", "net", "run"],
  capabilities: ["servers:read", "servers:write", "secrets:read", "secrets:write"],
  isLong: true,
  load: async () => (await import("./deploy.ts")).deploy,
});
