"""Calls tools, as the quickstart does."""

import os

from arcadepy import Arcade

client = Arcade()
user_id = os.environ["ARCADE_USER_ID"]

for tool in client.tools.list(toolkit="Demo"):
    print(f"{tool.qualified_name}: {tool.description}")

greeting = client.tools.execute(
    tool_name="Demo.Greet", input={"name": "Ada"}, user_id=user_id
)
print(greeting.output.value)

length = client.tools.execute(tool_name="Demo.RevealLength", user_id=user_id)
print(length.output.value)
