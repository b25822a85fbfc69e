import { REPOSITORY } from "../build.ts";
import type { Program } from "../cli/program.ts";
import type { Context } from "./context.ts";
import { ROUTES } from "./routes.ts";

/** arcade, as cli/ knows it. */
export const PROGRAM: Program<Context> = {
  name: "arcade",
  onBug: REPOSITORY === undefined
    ? "Run again with `--debug` to see the cause. This build has no address for reports"
    : `Report it at ${REPOSITORY}/issues with the output of \`--debug\``,
  routes: ROUTES,
  loadBriefs: async () => (await import("./briefs.ts")).BRIEFS,
  topics: new Map([
    ["environment", "The environment variables that arcade reads"],
    ["errors", "The codes of errors, and what to do"],
    ["exit-codes", "The exit codes that scripts can rely on"],
    ["files", "The files that arcade keeps"],
    ["licenses", "The licenses of arcade and of what it contains"],
    ["permissions", "What the executable may do"],
    ["telemetry", "What is reported, and how to turn it off"],
  ]),
  loadHelp: async () => (await import("./help_texts.ts")).HELP_TEXTS,
  loadWords: async () => (await import("./other_words.ts")).OTHER_WORDS,
};
