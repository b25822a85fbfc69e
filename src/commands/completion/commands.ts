import { command } from "../../cli/declaration.ts";

/** The shells that completion works in. */
export const SHELLS = ["bash", "zsh", "fish", "powershell", "nushell"] as const;
export type ShellName = typeof SHELLS[number];

export const completion = command({
  brief: "Print the completion script of a shell",
  description: "Print the script that completes commands, flags and names in a shell. " +
    "docs/completion.md says how to install it in each shell.",
  examples: [
    ["completion bash", "Print the script of bash"],
    ["completion fish | source", "Complete in this session of fish"],
  ],
  argument: { placeholder: "shell", brief: SHELLS.join(", "), count: "one", values: SHELLS },
  needs: [],
  load: async () => (await import("./completion.ts")).printScript,
});
