import type { Shell, ShellName } from "./shells/shell.ts";

const LOADERS: Readonly<Record<ShellName, () => Promise<Shell>>> = {
  bash: async () => (await import("./shells/bash.ts")).bash,
  zsh: async () => (await import("./shells/zsh.ts")).zsh,
  fish: async () => (await import("./shells/fish.ts")).fish,
  powershell: async () => (await import("./shells/powershell.ts")).powershell,
  nushell: async () => (await import("./shells/nushell.ts")).nushell,
};

/** Loads a shell. */
export function loadShell(name: ShellName): Promise<Shell> {
  return LOADERS[name]();
}
