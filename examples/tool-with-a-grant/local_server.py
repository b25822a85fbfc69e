"""Runs the server with a fake GitHub, because the tokens of a local Arcade are fake too."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import server


class FakeGitHub(BaseHTTPRequestHandler):
    def do_GET(self):
        is_granted = self.headers["Authorization"].startswith("Bearer fake_github_")
        self.send_response(200 if is_granted else 401)
        self.end_headers()
        self.wfile.write(b"[{}, {}]" if is_granted else b"{}")


github = ThreadingHTTPServer(("127.0.0.1", 0), FakeGitHub)
Thread(target=github.serve_forever, daemon=True).start()
server.GITHUB = f"http://127.0.0.1:{github.server_port}"
server.app.run()
