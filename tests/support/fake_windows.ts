/** Fake Windows programs, which record their calls and change nothing. */

import type { WindowsSystem } from "../../src/files/owner_only.ts";

export const SID = "S-1-5-21-1004336348-1177238915-682003330-1001";

export class FakeWindows implements WindowsSystem {
  readonly root = "C:\\Windows";
  /** The calls so far: programs and arguments, without the Windows folder. */
  readonly calls: (readonly string[])[] = [];
  /** The programs that fail. */
  readonly failing = new Set<string>();
  /** Called before a program runs. */
  onRun = (_program: string): void => {};
  readonly profile: string | undefined;
  readonly localData: string | undefined;

  constructor({ profile }: { readonly profile?: string } = {}) {
    this.profile = profile;
    this.localData = profile && `${profile}/AppData/Local`;
  }

  run = (path: string, args: readonly string[]) => {
    const program = path.replace("C:\\Windows\\System32\\", "");
    this.onRun(program);
    this.calls.push([program, ...args]);
    const success = !this.failing.has(program);
    const output = program === "whoami.exe" ? `"desktop\\S-1-0","${SID}"\r\n` : "";
    return Promise.resolve({ success, output: success ? output : "Access is denied." });
  };

  /** The restricted folders, with the granted rights. */
  get restricted(): (readonly string[])[] {
    return this.calls.flatMap(([program, ...args]) => program === "icacls.exe" ? [args] : []);
  }
}
