/** What a command without a login says, where a local Arcade runs and where none does. */
export const NOT_LOGGED_IN =
  /^Error: Not logged in\n {2}Run `arcade login`(?:, or `arcade login --local` for the local Arcade)?\n$/;
