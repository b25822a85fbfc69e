"""A server with one tool, which acts for a user of GitHub."""

from typing import Annotated

import httpx
from arcade_mcp_server import Context, MCPApp
from arcade_mcp_server.auth import GitHub

GITHUB = "https://api.github.com"

app = MCPApp(name="issues", version="1.0.0")


@app.tool(requires_auth=GitHub(scopes=["repo"]))
async def count(context: Context) -> Annotated[int, "The number of open issues"]:
    """Count the open issues that are assigned to the user."""
    headers = {"Authorization": f"Bearer {context.get_auth_token_or_empty()}"}
    async with httpx.AsyncClient(base_url=GITHUB, headers=headers) as client:
        response = await client.get("/issues", params={"per_page": 100})
        response.raise_for_status()
    return len(response.json())


if __name__ == "__main__":
    app.run()
