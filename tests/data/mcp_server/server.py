"""A small MCP server for tests of `arcade deploy`, with the Python standard library only.

It serves /worker/health, /worker/tools, /worker/tools/invoke and /mcp. The variable MISBEHAVE, or else the
file `misbehave` beside it, lists misbehaviors from MISBEHAVIORS, separated by spaces. Tools can trigger them later.
"""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "TestServer"
VERSION = "1.0.0"

HOST = os.environ.get("ARCADE_SERVER_HOST", "127.0.0.1")
PORT = int(os.environ.get("ARCADE_SERVER_PORT", "8000"))
SECRET = os.environ.get("ARCADE_WORKER_SECRET", "")
AUTH_DISABLED = os.environ.get("ARCADE_AUTH_DISABLED") == "true"


def exit_at_once() -> None:
    print("Exiting on purpose", file=sys.stderr, flush=True)
    os._exit(3)


def ignore_sigterm() -> None:
    signal.signal(signal.SIGTERM, lambda *_: print("SIGTERM ignored", flush=True))


def fork() -> int:
    """Starts a process that ignores SIGTERM; returns its id."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child.stdout.readline()
    print(f"Forked {child.pid}", flush=True)
    return child.pid


def flood() -> None:
    """Prints 3 MB in lines, and 1 MB in one line."""
    for number in range(30_000):
        print(f"{number:06} " + "x" * 92)
    print("y" * 1_000_000, flush=True)


def print_odd_lines() -> None:
    out = sys.stdout.buffer
    out.write("half ".encode() + "é".encode()[:1])
    out.flush()
    time.sleep(0.05)
    out.write("é".encode()[1:] + b"\n")
    out.write(b"\x1b[31mred\x1b[0m <b>bold</b>\n")
    out.write(b"invalid \xff\r\n")
    out.flush()


MISBEHAVIORS = {
    "exit": exit_at_once,
    "ignore-sigterm": ignore_sigterm,
    "fork": fork,
    "flood": flood,
    "odd-lines": print_odd_lines,
    "never-healthy": lambda: None,
    "no-worker-routes": lambda: None,
}


def tool(name: str, description: str, parameters: dict, secrets: list | None = None) -> dict:
    return {
        "name": name,
        "fully_qualified_name": f"{NAME}.{name}",
        "description": description,
        "toolkit": {"name": NAME, "description": "Tools for tests", "version": VERSION},
        "input": {
            "parameters": [
                {
                    "name": key,
                    "required": True,
                    "description": f"The {key}",
                    "value_schema": {"val_type": kind, "inner_val_type": None, "enum": None},
                    "inferrable": True,
                }
                for key, kind in parameters.items()
            ]
        },
        "output": {
            "description": "The result",
            "available_modes": ["value", "error"],
            "value_schema": {"val_type": "string", "inner_val_type": None, "enum": None},
        },
        "requirements": {
            "authorization": None,
            "secrets": [{"key": key} for key in secrets] if secrets else None,
            "metadata": None,
        },
        "deprecation_message": None,
    }


TOOLS = [
    tool("Greet", "Greets a user", {"name": "string"}),
    tool("Fail", "Always fails", {}),
    tool("Environment", "Lists the environment variables", {}),
    tool("WordOfSecret", "Tells the first word of a secret", {}, ["TEST_SECRET"]),
    tool("Misbehave", "Misbehaves", {"how": "string"}),
]


def call(name: str, inputs: dict, context: dict) -> dict:
    """Returns the output of a tool."""
    if name == "Greet":
        print(f"Greeting {inputs['name']}", flush=True)
        return {"value": f"Hello, {inputs['name']}! ({VERSION})"}
    if name == "Environment":
        return {"value": dict(os.environ)}
    if name == "WordOfSecret":
        secrets = {item["key"]: item["value"] for item in context.get("secrets") or []}
        return {"value": secrets["TEST_SECRET"].split()[0]}
    if name == "Misbehave":
        return {"value": MISBEHAVIORS[inputs["how"]]()}
    return {"error": {"kind": "TOOL_RUNTIME_FATAL", "message": "Failed on purpose", "can_retry": False}}


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def is_authorized(header: str) -> bool:
    """Checks the token of the engine: HS256, audience "worker", version "1"."""
    try:
        signed, signature = header.removeprefix("Bearer ").rsplit(".", 1)
        algorithm, claims = (json.loads(decoded(part)) for part in signed.split("."))
        expected = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
        is_signed = hmac.compare_digest(expected, decoded(signature))
    except ValueError:
        return False
    return is_signed and algorithm["alg"] == "HS256" and claims["aud"] == "worker" and claims["ver"] == "1"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/worker/health" and "no-worker-routes" not in misbehaviors():
            if "never-healthy" in misbehaviors():
                return self.answer(503, {"status": "starting"})
            return self.answer(200, {"status": "ok", "tool_count": str(len(TOOLS))})
        if self.path == "/worker/tools" and self.is_admitted():
            return self.answer(200, TOOLS)
        return self.answer(404, {"detail": "Not Found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.path == "/mcp" and body["method"] == "initialize":
            result = {
                "protocolVersion": body["params"]["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": NAME, "version": VERSION},
            }
            return self.answer(200, {"jsonrpc": "2.0", "id": body["id"], "result": result})
        if self.path == "/worker/tools/invoke" and self.is_admitted():
            started = time.monotonic()
            output = call(body["tool"]["name"], body.get("inputs") or {}, body.get("context") or {})
            return self.answer(
                200,
                {
                    "execution_id": body.get("execution_id") or "",
                    "finished_at": "2026-11-20T14:00:00",
                    "duration": (time.monotonic() - started) * 1000,
                    "success": "error" not in output,
                    "output": output,
                },
            )
        return self.answer(404, {"detail": "Not Found"})

    def is_admitted(self) -> bool:
        if AUTH_DISABLED or is_authorized(self.headers.get("Authorization", "")):
            return True
        self.answer(401, {"detail": "Invalid token"})
        return False

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def misbehaviors() -> list[str]:
    file = Path(__file__).with_name("misbehave")
    written = file.read_text() if file.exists() else ""
    return os.environ.get("MISBEHAVE", written).split()


def main() -> None:
    print(f"{NAME} {VERSION} starts", flush=True)
    print(f"Process {os.getpid()}", flush=True)
    for word in misbehaviors():
        MISBEHAVIORS[word]()
    server = ThreadingHTTPServer((HOST, PORT), Handler)
    print(f"Listening on port {PORT}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
