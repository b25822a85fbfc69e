import type { Environment } from "../contract/variables.ts";
import type { WindowsSystem } from "../files/owner_only.ts";

/** The programs of Windows that change access rights. */
export function windowsSystem(
  { SYSTEMROOT: root, USERPROFILE: profile, LOCALAPPDATA: localData }: Environment,
): WindowsSystem {
  return {
    root,
    profile,
    localData,
    async run(program, args) {
      const { success, stdout, stderr } = await new Deno.Command(program, {
        args: [...args],
        clearEnv: true,
        env: root ? { SYSTEMROOT: root } : {},
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      return { success, output: text.decode(stdout) + text.decode(stderr) };
    },
  };
}
