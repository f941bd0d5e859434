"""A service whose answers have its release ID and a checksum of the release that it runs from.

    tiny_app.py SOCKET

On SIGTERM it answers the requests that it has accepted, and ends.
"""

import hashlib
import json
import os
import signal
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def checksum(tree: Path) -> str:
    """Return a checksum of all files in a directory."""
    digest = hashlib.sha256()
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(tree)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answers requests."""

    def do_GET(self) -> None:
        """Answer a request."""
        answer = {"status": "healthy", "id": ROOT.name, "checksum": checksum(ROOT)}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class Server(socketserver.UnixStreamServer):
    """A server on a Unix socket with a long queue."""

    request_queue_size = 512


if __name__ == "__main__":
    # The socket is renamed once the server listens, so that a client which finds it can connect.
    socket = sys.argv[1]
    server = Server(f"{socket}.new", Handler)
    os.rename(f"{socket}.new", socket)
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    server.serve_forever()
    os.unlink(socket)
    server.timeout = 0
    for _ in range(Server.request_queue_size):
        server.handle_request()
