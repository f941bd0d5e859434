"""A service that needs nothing but Python, and answers /health and /version on port 17999.

It tells systemd when it is ready, if systemd asks for that. The variable WORKERS is the number of
processes that answer.
"""

import http.server
import json
import os
import socket
from pathlib import Path

VERSION = Path("VERSION").read_text().strip()
ANSWERS = {"/health": {"status": "healthy"}, "/version": {"version": VERSION}}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers requests."""

    def do_GET(self) -> None:
        """Answer a request."""
        body = json.dumps(ANSWERS.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def tell_systemd() -> None:
    """Tell systemd that the service is ready."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(address.replace("@", "\0", 1))
            client.send(b"READY=1")


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 17999), Handler)
    for _ in range(int(os.environ.get("WORKERS", "0"))):
        if os.fork() == 0:
            break
    else:
        tell_systemd()
    server.serve_forever()
