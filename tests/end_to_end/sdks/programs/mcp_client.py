"""Signs in to a gateway with the official client of MCP, or with FastMCP's, and lists and calls a tool.

Usage: mcp_client.py mcp|fastmcp ADDRESS [MODE]
"""

import asyncio
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

kind, address, mode, *_ = [*sys.argv[1:], "auto"]
result = {"isAsked": False}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def approve(url):
    """Does what the browser of a user does who approves."""
    result["isAsked"] = True
    try:
        urllib.request.build_opener(NoRedirect).open(url)
    except urllib.error.HTTPError as answer:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))


class Storage:
    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens
        result["expires"] = tokens.expires_in

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


async def with_mcp():
    from mcp import Client
    from mcp.client.auth import OAuthClientProvider
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.auth import OAuthClientMetadata
    import mcp.client.auth as auth
    import httpx2 as httpx

    answers = {}

    async def redirect(url):
        answers.update(approve(url))

    async def callback():
        return auth.AuthorizationCodeResult(
            code=answers["code"], state=answers.get("state"), iss=answers.get("iss")
        )

    provider = OAuthClientProvider(
        server_url=address,
        client_metadata=OAuthClientMetadata(
            client_name="A test", redirect_uris=["http://127.0.0.1:33418/callback"]
        ),
        storage=Storage(),
        redirect_handler=redirect,
        callback_handler=callback,
    )
    async with httpx.AsyncClient(auth=provider, follow_redirects=True) as http:
        async with Client(streamable_http_client(address, http_client=http), mode=mode) as client:
            await use(client)


async def with_fastmcp():
    from fastmcp import Client

    async with Client(address, auth="oauth") as client:
        result["isAsked"] = True
        await use(client)


async def use(client):
    tools = await client.list_tools()
    result["tools"] = [tool.name for tool in getattr(tools, "tools", tools)]
    called = await client.call_tool("Weather_forecast", {"place": "Rome"})
    result["text"] = called.content[0].text
    try:
        await client.call_tool("Weather_nothing", {})
    except Exception as error:
        result["failed"] = str(error)


asyncio.run(with_mcp() if kind == "mcp" else with_fastmcp())
print(json.dumps(result))
