/** `--hub`: which hub an identity is for. */
export interface HubFlag {
  readonly hub: string;
}

/** A hub is parsed by the command, for the messages of the command tree repeat what was typed. */
export const hubFlag = {
  kind: "parsed",
  parse: String,
  placeholder: "url",
  brief: "The hub: a host name, with a port or not, or an https address",
} as const;
