"""The archives that are deployed: a service that answers with its release ID, or does not work.

The shipped unit starts `.venv/bin/uvicorn`. Here that is a small server of the standard library,
since the real one takes half a minute to start in a machine without KVM.
"""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SERVES = """\
#!/usr/bin/python3 -ISB
import json, socket
body = json.dumps({"status": "healthy", "id": open("VERSION").read().strip()}).encode()
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 17999))
s.listen(16)
while True:
    c = s.accept()[0]
    c.recv(4096)
    c.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
    c.close()
"""
DIES = "#!/bin/sh\necho the schema is too old >&2\nexit 3\n"
HANGS = "#!/bin/sh\nexec sleep 9999\n"


def pack(directory: Path, identity: str, server: str, files: int = 0) -> str:
    """Make the archive of a release, and return its name; each file has the release ID."""
    name = f"{identity}.tar.gz"
    with tarfile.open(directory / name, "w:gz", compresslevel=1) as archive:
        members = {
            "VERSION": f"{identity}\n",
            "bin/run": f"#!/bin/sh\necho {identity}\n",
            ".venv/bin/uvicorn": server,
        }
        for number in range(files):
            members[f"lib/{number % 50}/{number}"] = f"{identity} {number}\n" * 200
        for path, text in members.items():
            member = tarfile.TarInfo(path)
            member.size, member.mtime = len(text), 1_700_000_000
            member.mode = 0o755 if "bin/" in path else 0o644
            archive.addfile(member, io.BytesIO(text.encode()))
    return name
