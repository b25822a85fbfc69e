import { command } from "../shared/command.ts";
import { SHELLS } from "./shells/shell.ts";

export const completion = command({
  brief: "Print the completion script for a shell",
  description: "Print the script that completes commands, flags and names in a shell. Names of " +
    "secrets, servers, tools, organizations and projects are fetched from Arcade, unless " +
    "ARCADE_COMPLETION_OFFLINE is on.",
  examples: [
    [
      "completion bash > ~/.local/share/bash-completion/completions/arcade",
      "Install it for bash, which needs the bash-completion package",
    ],
    ['completion zsh > "${fpath[1]}/_arcade"', "Install it for zsh"],
    ["completion fish > ~/.config/fish/completions/arcade.fish", "Install it for fish"],
    ["completion powershell >> $PROFILE", "Install it for PowerShell"],
    [
      "completion nushell | save ~/.config/nushell/autoload/arcade.nu",
      "Install it for Nushell",
    ],
  ],
  argument: { placeholder: "shell", brief: SHELLS.join(", "), count: "one", values: SHELLS },
  needs: [],
  isUnobserved: true,
  load: async () => (await import("./completion.ts")).printScript,
});
