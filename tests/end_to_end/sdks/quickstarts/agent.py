"""Gives the tools to a model, and calls those that it chooses."""

import json
import os

from arcadepy import Arcade, PermissionDeniedError

client = Arcade()
user_id = os.environ["ARCADE_USER_ID"]


def answer_of_model(tools):
    """What a model answers: the names of functions, and their arguments as JSON."""
    names = [tool["function"]["name"] for tool in tools]
    return [
        {"name": names[0], "arguments": json.dumps({"name": "Grace"})},
        {"name": names[-1], "arguments": json.dumps({"repository": "grace/compiler"})},
    ]


tools = list(client.tools.formatted.list(format="openai", toolkit="Demo"))
for call in answer_of_model(tools):
    tool_name, arguments = call["name"], json.loads(call["arguments"])
    try:
        result = client.tools.execute(tool_name=tool_name, input=arguments, user_id=user_id)
    except PermissionDeniedError:
        authorization = client.tools.authorize(tool_name=tool_name, user_id=user_id)
        print(f"{tool_name} needs a grant: {authorization.status}")
        continue
    print(f"{tool_name}: {result.output.value}")
