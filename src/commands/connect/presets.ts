/** The servers of the presets, the same as in the Python CLI. */
export const PRESETS: Readonly<Record<string, readonly string[]>> = {
  productivity: ["google", "slack", "notion"],
  development: ["github", "linear", "jira"],
  communication: ["slack", "google", "x"],
  "project-management": ["linear", "jira", "notion"],
  devops: ["github", "slack", "linear"],
  social: ["x", "slack", "reddit"],
  creative: ["spotify", "figma", "notion"],
};
