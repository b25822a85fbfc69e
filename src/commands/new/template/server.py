"""The MCP server my_server: its tools, and what they need."""

from typing import Annotated
from urllib.parse import quote

import httpx
from arcade_mcp_server import Context, MCPApp
from arcade_mcp_server.auth import GitHub
from arcade_mcp_server.metadata import Behavior, Operation, ToolMetadata

GITHUB = "https://api.github.com"

app = MCPApp(name="my_server", version="1.0.0")


@app.tool
def greet(
    name: Annotated[str, "The name of the person to greet"],
) -> Annotated[str, "The greeting"]:
    """Greet a person by name."""
    return f"Hello, {name}!"


@app.tool(requires_secrets=["MY_SECRET_KEY"])
def whisper_secret(context: Context) -> Annotated[str, "The last 4 characters of the secret"]:
    """Reveal the last 4 characters of a secret."""
    # Arcade passes the secret with the call. The model does not see it.
    return "The last 4 characters of the secret are: " + context.get_secret("MY_SECRET_KEY")[-4:]


@app.tool(
    requires_auth=GitHub(),
    metadata=ToolMetadata(
        behavior=Behavior(
            operations=[Operation.UPDATE],
            read_only=False,
            destructive=False,
            idempotent=True,
            open_world=True,
        ),
    ),
)
async def star_repo(
    context: Context,
    owner: Annotated[str, "The owner of the repository, such as ArcadeAI"],
    repo: Annotated[str, "The name of the repository, such as arcade-mcp"],
) -> Annotated[str, "The repository that was starred"]:
    """Star a GitHub repository for the user."""
    # Arcade passes the token of the user with the call. The model does not see it.
    headers = {
        "Authorization": f"Bearer {context.get_auth_token_or_empty()}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "my_server",
    }
    path = f"{quote(owner, safe='')}/{quote(repo, safe='')}"
    async with httpx.AsyncClient() as client:
        response = await client.put(f"{GITHUB}/user/starred/{path}", headers=headers)
        response.raise_for_status()
    return f"Starred {owner}/{repo}"


if __name__ == "__main__":
    # ARCADE_SERVER_TRANSPORT, _HOST and _PORT override the defaults, which are for stdio.
    app.run()
