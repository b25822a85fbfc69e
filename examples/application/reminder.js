import Arcade, { PermissionDeniedError } from "@arcadeai/arcadejs";

// Reads ARCADE_API_KEY, and ARCADE_BASE_URL for an Arcade that is not the cloud.
const arcade = new Arcade();

/** Sends a user a reminder by mail, or returns the page on which the user allows that. */
export async function remind(user_id, text) {
  const tool_name = "Mail.Send";
  try {
    const { output } = await arcade.tools.execute({ tool_name, input: { text }, user_id });
    return { sent: output.value };
  } catch (error) {
    if (!(error instanceof PermissionDeniedError)) throw error;
    const { url } = await arcade.tools.authorize({ tool_name, user_id });
    return { allow: url };
  }
}
