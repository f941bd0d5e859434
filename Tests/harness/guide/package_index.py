"""A mirror of PyPI with one package, which it serves to uv over HTTPS.

usage: package_index.py CERTIFICATE PORT
"""

from __future__ import annotations

import hashlib
import io
import ssl
import sys
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

NAME = "idna-3.10"
INFO = f"{NAME}.dist-info"
FILES = {
    "idna/__init__.py": "",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: idna\nVersion: 3.10\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/RECORD": "".join(
        f"{name},,\n"
        for name in ("idna/__init__.py", f"{INFO}/METADATA", f"{INFO}/WHEEL", f"{INFO}/RECORD")
    ),
}


def wheel() -> bytes:
    """Return the package as a file of the index."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


class Mirror(BaseHTTPRequestHandler):
    """Answers requests for the package and for its page in the index."""

    def do_GET(self) -> None:
        """Answer a request."""
        file = f"{NAME}-py3-none-any.whl"
        content, kind = wheel(), "application/octet-stream"
        if self.path == "/pypi/simple/idna/":
            digest = hashlib.sha256(content).hexdigest()
            link = f'<a href="/pypi/packages/{file}#sha256={digest}">{file}</a>'
            content, kind = link.encode(), "text/html"
        elif not self.path.endswith(file):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def do_HEAD(self) -> None:
        """Answer a request without the content."""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main(certificate: str, port: str) -> None:
    """Serve until the process is ended."""
    server = HTTPServer(("127.0.0.1", int(port)), Mirror)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
