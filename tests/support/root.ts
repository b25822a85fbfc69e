import { resolve } from "node:path";

/** The folder of the repository, as a path. */
export const ROOT = resolve(`${import.meta.dirname}/../..`);
