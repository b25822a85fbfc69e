import { type Exclusion, flag, parsedFlag, wholeNumber } from "../../cli/declaration.ts";

/** `--wait` and `--no-wait`: whether a command waits for the user. */
export interface WaitFlags {
  readonly wait?: number;
  readonly noWait?: boolean;
}

/** How long a command waits by default. */
export const WAIT_SECONDS = 600;

export const waitFlags = {
  wait: parsedFlag(
    "seconds",
    `Wait for the user in the browser (${WAIT_SECONDS} s; default on a terminal)`,
    { parse: wholeNumber(1, 86_400), bare: String(WAIT_SECONDS) },
  ),
  noWait: flag("Print the address of the page, and exit"),
};

export const waitExclusion: Exclusion = {
  flag: "--wait",
  excludes: ["--no-wait"],
  next: "Use only one of them",
};
