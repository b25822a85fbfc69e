/** The organization and the project that commands work in. */
export interface ActiveProject {
  readonly orgId: string;
  readonly orgName: string;
  readonly projectId: string;
  readonly projectName: string;
}
