/** The project that `arcade new` creates. The files in template/ are a project named my_server. */

import { REPOSITORY } from "../../build.ts";
import agents from "./template/AGENTS.md" with { type: "text" };
import envExample from "./template/.env.example" with { type: "text" };
import gitignore from "./template/.gitignore" with { type: "text" };
import localServer from "./template/tests/local_server.py" with { type: "text" };
import pyproject from "./template/pyproject.toml" with { type: "text" };
import readme from "./template/README.md" with { type: "text" };
import seed from "./template/seed.yaml" with { type: "text" };
import server from "./template/server.py" with { type: "text" };
import tests from "./template/tests/test_server.py" with { type: "text" };
import workflow from "./template/.github/workflows/deploy.yml" with { type: "text" };

/** The name of the server in the template. */
export const TEMPLATE_NAME = "my_server";

/** The files of the template by their paths. */
const FILES = {
  ".env.example": envExample,
  ".github/workflows/deploy.yml": workflow,
  ".gitignore": gitignore,
  "AGENTS.md": agents,
  "README.md": readme,
  "pyproject.toml": pyproject,
  "server.py": server,
  "tests/local_server.py": localServer,
  "seed.yaml": seed,
  "tests/test_server.py": tests,
};

/** The text that the address of the releases replaces, if the build has one. */
const INSTALLER = "${{ vars.ARCADE_INSTALLER }}";
const ABOUT_INSTALLER = /^- the variable `ARCADE_INSTALLER`[^]*?\n(?! {2})/m;

/**
 * The files of a new project by their paths.
 *
 * @param repository the address of the repository with the releases of arcade.
 */
export function filesFor(name: string, repository = REPOSITORY): Map<string, string> {
  return new Map(
    Object.entries(FILES).map(([path, template]) => {
      const text = template.replaceAll(TEMPLATE_NAME, name)
        .replaceAll(toolkitOf(TEMPLATE_NAME), toolkitOf(name));
      return [
        path,
        repository === undefined
          ? text
          : text.replace(INSTALLER, () => `${repository}/releases/latest/download/install.sh`)
            .replace(ABOUT_INSTALLER, ""),
      ];
    }),
  );
}

/** The toolkit of a server, with which the names of its tools begin: `my_server` has `MyServer.Greet`. */
export function toolkitOf(name: string): string {
  return name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
