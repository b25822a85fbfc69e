/** The platforms that arcade is built for, as in `deno compile --target`. */

const PLATFORMS = {
  "x86_64-unknown-linux-gnu": { os: "linux", arch: "x86_64" },
  "aarch64-unknown-linux-gnu": { os: "linux", arch: "aarch64" },
  "x86_64-apple-darwin": { os: "darwin", arch: "x86_64" },
  "aarch64-apple-darwin": { os: "darwin", arch: "aarch64" },
  "x86_64-pc-windows-msvc": { os: "windows", arch: "x86_64" },
  "aarch64-pc-windows-msvc": { os: "windows", arch: "aarch64" },
} as const;

export type Target = keyof typeof PLATFORMS;

export const TARGETS = Object.keys(PLATFORMS).filter(isTarget);

export function isTarget(text: string): text is Target {
  return Object.hasOwn(PLATFORMS, text);
}

export function osOf(target: Target): "linux" | "darwin" | "windows" {
  return PLATFORMS[target].os;
}

/** The name of the executable on a platform. */
export function executableName(target: Target): string {
  return osOf(target) === "windows" ? "arcade.exe" : "arcade";
}

/** @throws {Error} if arcade is not built for this machine. */
export function targetOfThisMachine(): Target {
  if (isTarget(Deno.build.target)) return Deno.build.target;
  throw new Error(`arcade is not built for ${Deno.build.target}`);
}

/** Calls `make` for each platform, one after the other. */
export async function forEachTarget<T>(
  make: (target: Target) => Promise<T>,
): Promise<Record<Target, T>> {
  return {
    "x86_64-unknown-linux-gnu": await make("x86_64-unknown-linux-gnu"),
    "aarch64-unknown-linux-gnu": await make("aarch64-unknown-linux-gnu"),
    "x86_64-apple-darwin": await make("x86_64-apple-darwin"),
    "aarch64-apple-darwin": await make("aarch64-apple-darwin"),
    "x86_64-pc-windows-msvc": await make("x86_64-pc-windows-msvc"),
    "aarch64-pc-windows-msvc": await make("aarch64-pc-windows-msvc"),
  };
}
