"""Asks the user for a grant, waits for it, and calls the tool that needs it."""

import os

from arcadepy import Arcade

client = Arcade()
user_id = os.environ["ARCADE_USER_ID"]

authorization = client.tools.authorize(tool_name="Demo.Star", user_id=user_id)
if authorization.status != "completed":
    print(f"Open {authorization.url}", flush=True)
client.auth.wait_for_completion(authorization)

starred = client.tools.execute(
    tool_name="Demo.Star", input={"repository": "ada/engine"}, user_id=user_id
)
print(starred.output.value)

# An application can also use the token of the user itself.
direct = client.auth.start(user_id, "github", scopes=["repo"])
token = client.auth.wait_for_completion(direct).context.token
print("Got a token" if token else "Got no token")
