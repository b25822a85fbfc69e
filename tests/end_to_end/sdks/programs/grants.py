"""Asks for grants with arcadepy, decides on their pages as a user does, and prints what came back."""

import json
import sys
import threading
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

from arcadepy import APIStatusError, Arcade

uri, secret = sys.argv[1:3]
arcade = Arcade()
ADA = "ada@example.com"
BOB = "bob@example.com"


def flow_of(authorization):
    return parse_qs(urlsplit(authorization.url).query)["flow_id"][0]


def press(authorization, decision):
    """Presses a button on the page of an authorization."""
    address = urlsplit(authorization.url)._replace(path="/grants/decision", query="").geturl()
    form = urlencode({"flow_id": flow_of(authorization), "decision": decision}).encode()
    try:
        urlopen(Request(address, form)).close()
    except OSError:
        pass  # nothing listens where it redirects to


def failure(work):
    try:
        work()
    except APIStatusError as error:
        return type(error).__name__
    return "none"


def execute():
    return arcade.tools.execute(tool_name="Demo.Star", input={}, user_id=ADA)


results = {}
arcade.workers.create(id="demo", http={"uri": uri, "secret": secret, "timeout": 30, "retry": 3})
results["refused"] = failure(execute)
asked = arcade.tools.authorize(tool_name="Demo.Star", user_id=ADA)
results["asked"] = [asked.status, asked.scopes]
user = threading.Timer(0.2, press, [asked, "allow"])
user.start()
completed = arcade.auth.wait_for_completion(asked)
results["completed"] = completed.status
results["hasToken"] = execute().output.value == completed.context.token
again = arcade.auth.start(ADA, "github", scopes=["repo"])
results["again"] = arcade.auth.wait_for_completion(again).status
results["needless"] = arcade.auth.wait_for_completion(
    arcade.tools.authorize(tool_name="Demo.Greet", user_id=ADA)
).status

denied = arcade.auth.start(ADA, "google", scopes=["openid"])
press(denied, "deny")
results["denied"] = arcade.auth.status(id=denied.id, wait=1).status
raw = arcade.auth.authorize(
    user_id=BOB,
    auth_requirement={
        "provider_id": "github",
        "provider_type": "oauth2",
        "oauth2": {"scopes": ["repo"]},
    },
)
results["raw"] = raw.status

connections = arcade.admin.user_connections.list(user={"id": ADA}, provider={"id": "github"})
results["connections"] = []
for one in connections:
    results["connections"].append([one.user_id, one.provider_id, one.scopes])
    arcade.admin.user_connections.delete(one.id)
results["revoked"] = failure(execute)

providers = arcade.admin.auth_providers
providers.create(id="hub", oauth2={"client_id": "c", "client_secret": "s"})
results["patched"] = providers.patch("hub", description="Ours").description
results["provider"] = providers.get("hub").oauth2.client_secret.exists
results["providers"] = [one.id for one in providers.list().items]
results["removed"] = providers.delete("hub").id

arcade.put(
    "/v1/admin/settings/session_verification",
    body={"verifier_url": "http://127.0.0.1:9/verify"},
    cast_to=object,
)
press(raw, "allow")
results["mismatch"] = failure(
    lambda: arcade.auth.confirm_user(flow_id=flow_of(raw), user_id=ADA)
)
confirmed = arcade.auth.confirm_user(flow_id=flow_of(raw), user_id=BOB)
results["confirmed"] = confirmed.auth_id == raw.id
results["afterwards"] = arcade.auth.wait_for_completion(raw.id).status
print(json.dumps(results))
