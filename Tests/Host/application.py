"""The application to deploy: an ASGI app as the runbook has it, in as many versions as wanted."""

import os
import subprocess
import tarfile
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
# Releases that do not work, in their ways.
DIES = APP + 'raise RuntimeError("the schema is too old")\n'
HANGS = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_DFL)\ntime.sleep(600)\n"
    + APP)
# uvicorn only notes SIGTERM, and a program that hangs never looks: systemd has to kill it.
DEAF = "import time; time.sleep(600)\n" + APP
MUTE = "import asyncio\n" + APP.replace(
    "    head =", "    await asyncio.sleep(600)\n    head =")
# Answers that it is not there yet, and dies, each time that it is started.
FLAPS = (
    "import os, threading\nthreading.Timer(1.5, os._exit, [3]).start()\n"
    + APP.replace('"healthy"', '"starting"'))


class Application:
    """Makes archives of versions; their dependencies are locked, and fetched, once."""

    def __init__(self, directory: Path, uv: Path, cache: Path):
        self.directory = directory
        project = directory / "project"
        project.mkdir(parents=True)
        (project / "pyproject.toml").write_text(PROJECT)
        environment = os.environ | {
            "UV_CACHE_DIR": str(cache), "UV_PYTHON_DOWNLOADS": "never", "TMPDIR": str(directory)}
        # Debian's own Python, as the hosts have it.
        sync = [uv, "sync", "--quiet", "--python", "/usr/bin/python3", "--project", project]
        subprocess.run(sync, check=True, env=environment)
        self.lock = (project / "uv.lock").read_text()

    def archive(
        self, version: str, changes: Mapping[str, str] | None = None, padding: int = 0,
    ) -> Path:
        """A tar.gz of one version: the good app, with other content for some of its files."""
        tree = self.directory / version
        files = {
            "pyproject.toml": PROJECT, "uv.lock": self.lock, "VERSION": f"{version}\n", MODULE: APP,
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
