"""A small web service to deploy, which answers that it is healthy, and with its version."""

import json
import os
import pathlib
from http.server import BaseHTTPRequestHandler, HTTPServer

RELEASE = pathlib.Path(__file__).resolve().parent
VERSION = (RELEASE / "VERSION").read_text().strip()


class Handler(BaseHTTPRequestHandler):
    """Answers requests."""

    def do_GET(self) -> None:
        """Answer a request for /health."""
        if self.path != "/health":
            self.send_error(404)
            return
        body = json.dumps({"status": "healthy", "version": VERSION}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "17999"))), Handler).serve_forever()
