"""A server with one tool."""

from typing import Annotated

from arcade_mcp_server import MCPApp

app = MCPApp(name="hello", version="1.0.0")


@app.tool
def greet(name: Annotated[str, "Who is greeted"]) -> Annotated[str, "The greeting"]:
    """Greet somebody."""
    return f"Hello, {name}!"


if __name__ == "__main__":
    app.run()
