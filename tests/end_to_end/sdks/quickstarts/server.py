"""A server with a tool that needs nothing, one that needs a secret, and one that needs a grant."""

from typing import Annotated

from arcade_mcp_server import Context, MCPApp
from arcade_mcp_server.auth import GitHub

app = MCPApp(name="Demo", version="1.0.0")


@app.tool
def greet(name: Annotated[str, "Who is greeted"]) -> Annotated[str, "The greeting"]:
    """Greet somebody."""
    return f"Hello, {name}!"


@app.tool(requires_secrets=["PASSPHRASE"])
def reveal_length(context: Context) -> Annotated[int, "The length"]:
    """Tell how long the passphrase is."""
    return len(context.get_secret("PASSPHRASE"))


@app.tool(requires_auth=GitHub(scopes=["repo"]))
def star(
    context: Context, repository: Annotated[str, "Its name"]
) -> Annotated[str, "What was done"]:
    """Star a repository."""
    token = context.get_auth_token_or_empty()
    return f"Starred {repository} with a token of {token.split('_')[1]}"


if __name__ == "__main__":
    app.run()
