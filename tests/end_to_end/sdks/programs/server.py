"""A server of arcade-mcp-server, as its quickstart has it."""

import sys
from typing import Annotated

from arcade_mcp_server import Context, MCPApp
from arcade_mcp_server.auth import GitHub

app = MCPApp(name="Demo", version="1.2.3")


@app.tool
def greet(
    name: Annotated[str, "Who is greeted"],
    times: Annotated[int, "How often"] = 1,
) -> Annotated[str, "The greeting"]:
    """Greet a user."""
    return " ".join([f"Hello, {name}!"] * times)


@app.tool(requires_secrets=["DEMO_KEY"])
def length_of_secret(context: Context) -> Annotated[int, "The length"]:
    """Tell the length of a secret."""
    return len(context.get_secret("DEMO_KEY"))


@app.tool(requires_auth=GitHub(scopes=["repo"]))
def star(context: Context) -> Annotated[str, "The token"]:
    """Star a repository."""
    return context.get_auth_token_or_empty()


@app.tool
def fail() -> Annotated[str, "Nothing"]:
    """Fail."""
    raise ValueError("on purpose")


if __name__ == "__main__":
    app.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]))
