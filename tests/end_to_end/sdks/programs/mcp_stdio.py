"""Lists and calls a tool of a server on the standard streams with the official client of MCP.

Usage: mcp_stdio.py MODE COMMAND...
"""

import asyncio
import json
import os
import sys

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

mode, command, *args = sys.argv[1:]


async def main():
    server = StdioServerParameters(command=command, args=args, env=dict(os.environ))
    async with Client(stdio_client(server), mode=mode) as client:
        tools = await client.list_tools()
        called = await client.call_tool("Weather_forecast", {"place": "Rome"})
        print(
            json.dumps({
                "tools": [tool.name for tool in tools.tools],
                "text": called.content[0].text,
            })
        )


asyncio.run(main())
