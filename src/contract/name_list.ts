/** A list of names that the values of a flag or an argument come from, for completion. */
export type NameList =
  | "contexts"
  | "hubs"
  | "organizations"
  | "projects"
  | "secrets"
  | "servers"
  | "tools";
