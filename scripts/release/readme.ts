/** The README.md in an archive, for a reader who has only the archive. */

import { NOTICES_FILE } from "../../src/commands/notices.ts";
import { wrap } from "../../src/text/prose.ts";
import { executableName, osOf, type Target } from "../targets.ts";
import { NOT_FOR_PUBLICATION } from "./notes.ts";
import type { Release } from "./release.ts";

/** The page as Markdown. Its relative links lead to files of the archive. */
export function archiveReadme(release: Release, target: Target): string {
  const { version, repository, isForPublication } = release;
  const source = `${repository.url}/blob/v${version}`;
  const os = osOf(target);
  return `# arcade ${version}

${isForPublication ? "" : `${wrapped(`**${NOT_FOR_PUBLICATION}**`)}\n\n`}${
    wrapped(
      "`arcade` is the command line of [Arcade](https://cloud.arcade.dev): log in, choose an organization " +
        "and a project, manage the secrets that your tools need, and deploy and watch servers. It is one " +
        `executable, here for ${NEEDS[target]}.`,
    )
  }

## Install

${os === "windows" ? ON_WINDOWS : onUnix(os)}
${
    wrapped(
      "An installation by hand is updated by hand: `arcade update --check` says whether there is a newer " +
        `version. [Installing](${source}/docs/install.md) has other ways, and how to verify this download.`,
    )
  }

## First steps

\`\`\`sh
arcade login        # in your browser
arcade local serve  # or without an account: an Arcade on your machine
arcade --help
\`\`\`

## In this archive

- \`${executableName(target)}\`: the program
- \`completions/\`: completion for bash, zsh, fish, PowerShell and Nushell
- \`man/\`: man pages; \`arcade help\` shows the same
- [LICENSE](LICENSE): the MIT License of arcade
- [${NOTICES_FILE}](${NOTICES_FILE}): the license texts of everything in the program, as
  \`arcade help licenses\` prints them

${wrapped(`The [documentation](${source}/README.md#documentation) is in ${repository.url}`)}
`;
}

function wrapped(paragraph: string): string {
  return wrap(paragraph, 100);
}

const NEEDS: Readonly<Record<Target, string>> = {
  "x86_64-unknown-linux-gnu": "Linux on x86-64 with glibc 2.27 or newer and libgcc_s (not Alpine)",
  "aarch64-unknown-linux-gnu": "Linux on arm64 with glibc 2.27 or newer and libgcc_s (not Alpine)",
  "x86_64-apple-darwin": "macOS on Intel",
  "aarch64-apple-darwin": "macOS on Apple silicon",
  "x86_64-pc-windows-msvc": "Windows on x86-64",
  "aarch64-pc-windows-msvc": "Windows on arm64",
};

function onUnix(os: "linux" | "darwin"): string {
  const quarantine = os === "darwin"
    ? "xattr -d com.apple.quarantine arcade   # if a browser downloaded the archive\n"
    : "";
  return `Copy the program to a folder in PATH, and the man pages beside it. In this folder:

\`\`\`sh
${quarantine}mkdir -p ~/.local/bin ~/.local/share/man/man1
cp -i arcade ~/.local/bin/   # -i: Arcade's Python CLI may be there
cp man/*.1 ~/.local/share/man/man1/
\`\`\`

For completion, copy one of these:

- bash: \`completions/arcade.bash\`, as \`~/.local/share/bash-completion/completions/arcade\`
- zsh: \`completions/_arcade\`, to a folder of \`$fpath\`
- fish: \`completions/arcade.fish\`, to \`~/.config/fish/completions\`
`;
}

const ON_WINDOWS = `Copy \`arcade.exe\` to a folder in PATH. In PowerShell, in this folder:

\`\`\`powershell
Unblock-File arcade.exe                                     # if a browser downloaded the archive
Get-Content completions\\arcade.ps1 | Add-Content $PROFILE   # completion
\`\`\`
`;
