"""Uses every method of arcadepy that the local Arcade emulates, and prints what came back."""

import asyncio
import json
import os
import sys

from arcadepy import APIStatusError, Arcade, AsyncArcade

uri, secret, mcp_uri = sys.argv[1:4]
arcade = Arcade()
user_id = os.environ["ARCADE_USER_ID"]


def failure(work):
    try:
        work()
    except APIStatusError as error:
        body = error.body if isinstance(error.body, dict) else {}
        return {"class": type(error).__name__, "status": error.status_code, "name": body.get("name")}
    return {"result": True}


def execute(tool_name, tool_input=None, **more):
    answer = arcade.tools.execute(
        tool_name=tool_name, input=tool_input or {}, user_id=user_id, **more
    )
    error = answer.output.error
    shown = {"success": answer.success}
    if answer.output.value is not None:
        shown["value"] = answer.output.value
    if error:
        shown["kind"] = error.kind
    return shown


def create_secret():
    # arcadepy has no method for it.
    return arcade.post("/v1/admin/secrets/DEMO_KEY", body={"value": "four"}, cast_to=object)


http = {"uri": uri, "secret": secret, "timeout": 30, "retry": 3}
results = {}
results["health"] = {"healthy": arcade.health.check().healthy}
arcade.workers.create(id="demo", type="http", http=http)
arcade.workers.create(id="weather", type="mcp", mcp={"uri": mcp_uri, "timeout": 30, "retry": 3})
results["changed"] = arcade.workers.update("demo", http={"timeout": 60}).http.timeout
results["workers"] = [worker.id for worker in arcade.workers.list(limit=1)]
results["worker"] = arcade.workers.get("demo").type
results["workerHealth"] = arcade.workers.health("demo").healthy
results["workerTools"] = [tool.name for tool in arcade.workers.tools("demo", limit=2)]

create_secret()
secrets = arcade.admin.secrets.list().items
results["secrets"] = [one.key for one in secrets]

results["tools"] = [
    [tool.fully_qualified_name, tool.requirements.met]
    for tool in arcade.tools.list(limit=2, toolkit="Demo", user_id=user_id)
]
listed = arcade.tools.list(include_format=["openai", "anthropic"]).items[0]
results["formats"] = list(listed.formatted_schema)
results["tool"] = arcade.tools.get("Demo_Greet", include_format=["openai"]).qualified_name
results["formatted"] = arcade.tools.formatted.get("Demo.Greet", format="openai")
results["formattedList"] = [
    tool["name"] for tool in arcade.tools.formatted.list(format="anthropic", limit=3)
]

results["executed"] = {
    "greet": execute("Demo.Greet", {"name": "Ada", "times": 2}),
    "underscore": execute("Demo_Greet", {"name": "Ada"}),
    "versioned": execute("Demo.Greet@1.2.3", {"name": "Ada"}),
    "secret": execute("Demo.LengthOfSecret"),
    "failed": execute("Demo.Fail"),
    "input": execute("Demo.Greet", {"times": "x"}),
    "mcp": execute("Weather.forecast", {"place": "Rome"}),
}
scheduled = arcade.tools.execute(
    tool_name="Demo.Greet", input={"name": "Ada"}, run_at="2020-01-01T00:00:00"
)
results["scheduled"] = scheduled.execution_type
while True:
    detail = arcade.tools.scheduled.get(scheduled.id)
    if detail.execution_status not in ("pending", "running"):
        break
results["ran"] = [detail.execution_status, detail.attempts[0].output.value]
results["scheduledList"] = len(list(arcade.tools.scheduled.list(limit=1)))


async def from_coroutine():
    async with AsyncArcade() as client:
        answer = await client.tools.execute(
            tool_name="Demo.Greet", input={"name": "Zod"}, user_id=user_id
        )
        return answer.output.value


results["coroutine"] = asyncio.run(from_coroutine())

stranger = Arcade(api_key="arc_local_unknown")
results["failures"] = {
    "unknownTool": failure(lambda: arcade.tools.get("Demo.Nothing")),
    "unknownVersion": failure(lambda: execute("Demo.Greet", tool_version="9.9.9")),
    "malformed": failure(lambda: execute("my-kit.Greet")),
    "grant": failure(lambda: execute("Demo.Star")),
    "key": failure(lambda: stranger.tools.list()),
    "taken": failure(lambda: arcade.workers.create(id="demo", http=http)),
    "invalid": failure(lambda: arcade.workers.create(id="other", http={"uri": uri})),
    "chat": failure(lambda: arcade.chat.completions.create(messages=[])),
}
arcade.admin.secrets.delete(secrets[0].id)
results["missingSecret"] = failure(lambda: execute("Demo.LengthOfSecret"))
arcade.workers.delete("weather")
arcade.workers.delete("demo")
results["left"] = len(list(arcade.workers.list()))
print(json.dumps(results))
