import { REPOSITORY } from "../build.ts";
import type { Program } from "../cli/program.ts";
import type { Context } from "./context.ts";
import { ROUTES } from "./routes.ts";

/** The definition of arcade for cli/. */
export const PROGRAM: Program<Context> = {
  name: "arcade",
  onBug: REPOSITORY === undefined
    ? "Run again with `--debug` to see the cause. This build does not say where to report it"
    : `Report it at ${REPOSITORY}/issues, and include the output of \`--debug\``,
  routes: ROUTES,
  loadBriefs: async () => (await import("./briefs.ts")).BRIEFS,
  topics: new Map([
    ["environment", "The environment variables that arcade reads"],
    ["errors", "The error codes, and what to do about them"],
    ["exit-codes", "The exit codes that scripts can rely on"],
    ["files", "The files that arcade stores"],
    ["licenses", "The licenses of arcade and its components"],
    ["permissions", "What the executable is allowed to do"],
    ["telemetry", "What telemetry reports, and how to turn it off"],
  ]),
  loadHelp: async () => (await import("./help_texts.ts")).HELP_TEXTS,
  loadWords: async () => (await import("./other_words.ts")).OTHER_WORDS,
};
