/** The other platforms that this machine can emulate, and their executables. */

import { USER_CACHE } from "../../scripts/cache.ts";
import { executableName, type Target } from "../../scripts/targets.ts";
import { pathOf } from "./programs.ts";
import { isAvailable, succeeds, type TestMachine } from "./test_machine.ts";
import { ROOT } from "./root.ts";

const CACHE = `${USER_CACHE}/arcade-tests`;
const LIBRARIES = "/usr/aarch64-linux-gnu";
/** A Debian with Wine 10. The Wine of Debian 12 cannot run the executable. */
const WINE = `${CACHE}/wine-trixie`;
/** Written last, so that an incomplete installation is not used. */
const MARK = `${WINE}/complete`;
/** The path of the machine's folder in Wine. */
const MOUNT = "/mnt";

/** Whether the tests run in `deno task test:platforms`. */
export const testsPlatforms = isAvailable(
  "`deno task test:platforms`",
  () => Deno.env.get("ARCADE_TEST_PLATFORMS") === "1",
);

/** An emulated platform. */
export interface Emulation {
  readonly target: Target;
  readonly isAvailable: boolean;
  /** The command that runs an executable on a machine, and changes to its environment. */
  readonly start: (
    executable: string,
    machine: TestMachine,
  ) => { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

export const LINUX_ARM64: Emulation = {
  target: "aarch64-unknown-linux-gnu",
  isAvailable: testsPlatforms && isAvailable(
    "qemu-aarch64 and its C library (in Debian: qemu-user, libc6-arm64-cross, libgcc-s1-arm64-cross)",
    () => succeeds("qemu-aarch64", "--version") && Deno.statSync(LIBRARIES).isDirectory,
  ),
  start: (executable) => ({ words: ["qemu-aarch64", "-L", LIBRARIES, executable], env: {} }),
};

export const WINDOWS: Emulation = {
  target: "x86_64-pc-windows-msvc",
  isAvailable: testsPlatforms &&
    isAvailable("root, debootstrap, and 2 GB for Wine 10 in a separate Debian", installWine),
  start: (executable, machine) => ({
    words: ["unshare", "--mount", "sh", "-c", RUN_IN_WINE, WINE, machine.path, executable],
    env: {
      HOME: `${MOUNT}/home`,
      ARCADE_WORK_DIR: `${MOUNT}/home/.arcade`,
      WINEPREFIX: "/opt/prefix",
      WINEDEBUG: "-all",
    },
  }),
};

/** Runs in its own mount namespace, so that its mounts are removed at the end. */
const RUN_IN_WINE = `
mount --bind /proc "$0/proc" && mount --bind "$1" "$0${MOUNT}" && mkdir -p "$0/opt/arcade" &&
  mount --bind "\${2%/*}" "$0/opt/arcade" || exit 1
root=$0 executable=/opt/arcade/\${2##*/}
shift 2
exec chroot "$root" sh -c 'cd ${MOUNT}/home && exec wine "$0" "$@"' "$executable" "$@"
`;

function installWine(): boolean {
  try {
    return Deno.statSync(MARK).isFile;
  } catch {
    // not installed yet
  }
  if (Deno.uid() !== 0 || pathOf("debootstrap") === undefined) return false;
  Deno.mkdirSync(CACHE, { recursive: true });
  const install =
    "apt-get update && apt-get install -y --no-install-recommends wine wine64 && apt-get clean";
  const isInstalled = succeeds("debootstrap", "--variant=minbase", "trixie", WINE) &&
    succeeds("chroot", WINE, "sh", "-c", `export DEBIAN_FRONTEND=noninteractive; ${install}`);
  if (isInstalled) Deno.writeTextFileSync(MARK, "");
  return isInstalled;
}

/** Stops the Wine server, which outlives its programs. */
export function stopWine(): void {
  succeeds("chroot", WINE, "env", "WINEPREFIX=/opt/prefix", "wineserver", "--kill");
}

/** Builds the executable for a platform. Returns its path. */
export async function buildFor(target: Target): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build", "--target", target],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return `${ROOT}/dist/${target}/${executableName(target)}`;
}
