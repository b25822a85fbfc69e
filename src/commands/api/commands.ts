import { flag, repeatableFlag, valueFlag } from "../../cli/declaration.ts";
import { command } from "../shared/command.ts";
import { METHODS } from "../../contract/method.ts";
import { addressFlags, contextFlag, projectFlags } from "../shared/flags.ts";

export const api = command({
  brief: "Send an authenticated request to the engine or the coordinator",
  description: "Send an authenticated request to the engine, or to the coordinator with " +
    "`--coordinator`, and print the response. {org} and {project} in the path become the ids of " +
    "the active organization and project. JSON is sent and printed unchanged, but indented on " +
    "a terminal.",
  examples: [
    [
      "api GET /v1/orgs/{org}/projects/{project}/secrets",
      "List secrets as the engine returns them",
    ],
    ["api GET /api/v1/orgs --coordinator", "Ask the coordinator"],
    ["api POST /v1/things --field name=x --field count=2", "Send a JSON object"],
    ["api PUT /v1/things/x --input thing.json", "Send a JSON object from a file"],
  ],
  flags: {
    coordinator: flag("Send the request to the coordinator"),
    field: repeatableFlag("key=value", "A field of the JSON object, or a query parameter of a GET"),
    input: valueFlag("file", "A file with the JSON object; - is standard input", {
      values: "files",
    }),
    include: flag("Print the response's status and headers too"),
    ...projectFlags,
    ...addressFlags("engine"),
    ...contextFlag,
  },
  exclusions: [{
    flag: "--input",
    excludes: ["--field"],
    next: "Put all fields into the file, or use `--field` for each",
  }],
  argument: {
    placeholder: ["method", "path"],
    brief: "GET, POST, PUT, PATCH or DELETE, then a path",
    count: "two",
    values: METHODS,
  },
  needs: ["read", "write", "net"],
  load: async () => (await import("./api.ts")).sendRequest,
});
