"""The application that is deployed: the ASGI app of the runbook, in any number of versions."""

from __future__ import annotations

import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = "src/diting/endpoints/wechat/webhook_app.py"

PROJECT = """\
[project]
name = "diting"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["uvicorn==0.34.0"]
"""

APP = '''\
"""Answers /health and /version; does not start without its configuration."""

import json
import pathlib

ROOT = pathlib.Path(__file__).parents[4]
TOKEN = (ROOT / "config/wechat.yaml").read_text()
VERSION = (ROOT / "VERSION").read_text().strip()
ANSWERS = {"/health": {"status": "healthy"}, "/version": {"version": VERSION}}


async def app(scope, receive, send):
    answer = ANSWERS.get(scope["path"])
    head = [(b"content-type", b"application/json"), (b"connection", b"close")]
    status = 404 if answer is None else 200
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
'''

DEGRADED = APP.replace('"healthy"', '"degraded"')
# Applications that do not work.
DIES = APP + 'raise RuntimeError("the schema is too old")\n'
HANGS = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_DFL)\ntime.sleep(600)\n" + APP
)
# uvicorn only notes SIGTERM, which a program that hangs never reads: systemd has to kill it.
DEAF = "import time; time.sleep(600)\n" + APP
MUTE = "import asyncio\n" + APP.replace("    head =", "    await asyncio.sleep(600)\n    head =")
# It answers that it is starting, and then dies, after each start.
FLAPS = "import os, threading\nthreading.Timer(1.5, os._exit, [3]).start()\n" + APP.replace(
    '"healthy"', '"starting"'
)


class Application:
    """Makes archives of versions, whose dependencies are locked and downloaded once."""

    def __init__(self, directory: Path, uv: Path, cache: Path) -> None:
        self.directory = directory
        project = directory / "project"
        project.mkdir(parents=True)
        (project / "pyproject.toml").write_text(PROJECT)
        environment = os.environ | {
            "UV_CACHE_DIR": str(cache),
            "UV_PYTHON_DOWNLOADS": "never",
            "TMPDIR": str(directory),
        }
        # The hosts have Debian's own Python too.
        sync = [
            str(uv),
            "sync",
            "--quiet",
            "--python",
            "/usr/bin/python3",
            "--project",
            str(project),
        ]
        subprocess.run(sync, check=True, env=environment)
        self.lock = (project / "uv.lock").read_text()

    def archive(
        self,
        version: str,
        changes: Mapping[str, str] | None = None,
        padding: int = 0,
    ) -> Path:
        """Make the archive of a version.

        changes: files that differ from the application that works.
        padding: the size of a file of random bytes.
        """
        tree = self.directory / version
        files = {
            "pyproject.toml": PROJECT,
            "uv.lock": self.lock,
            "VERSION": f"{version}\n",
            MODULE: APP,
        } | dict(changes or {})
        for name, text in files.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tree / "padding").write_bytes(os.urandom(padding))
        archive = self.directory / f"{version}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            tar.add(tree, arcname=".")
        return archive
