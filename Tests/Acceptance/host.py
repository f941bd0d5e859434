"""The host of the runbook in a directory: store, configuration, service, and the tool itself."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

# The host's Python and the host's certificates.
UV_SETTINGS = ("UV_PYTHON_DOWNLOADS=never", "UV_SYSTEM_CERTS=true")
SERVICE = Path(__file__).with_name("service.sh")

CONFIGURATION = """\
keep: {{count: 3, age: 7d}}
shared: {{directories: [logs], files: [config/wechat.yaml]}}
hooks:
  prepare:  {{run: "{prepare}", timeout: 2m}}
  activate: {{run: sh {service} {store} {port} restart, timeout: 1m}}
  failed:   {{run: "tail -n 3 {store}.service/$RELEASES_ID.log 2>/dev/null || true"}}
health:
  url: http://127.0.0.1:{port}/health
  json: {{status: healthy}}
  timeout: {timeout}
  interval: 1s
verify: {{ignore: ["**/__pycache__/**"]}}
"""


@dataclass(frozen=True)
class Run:
    """One command that has ended."""

    command: list[str]
    status: int
    seconds: float
    output: str
    errors: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.output)

    @property
    def message(self) -> str:
        """What a person reads last: the error, and all that follows it."""
        lines = self.errors.splitlines()
        first = [number for number, line in enumerate(lines) if line.startswith("releases: error:")]
        return "\n".join(lines[first[-1]:] if first else [])

    def step(self, name: str) -> float:
        """Seconds of a step; 0 when there was none."""
        return sum(step["seconds"] for step in self.json["steps"] if step["name"] == name)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Host:
    """All that is on it is beneath `work`; nothing outlives `close`."""

    def __init__(self, work: Path, binary: Path, uv: Path, cache: Path):
        self.work, self.uv, self.cache = work, uv, cache
        self.store = work / "store"
        # A copy of its own tells the processes of this run from all others.
        self.binary = work / "releases"
        shutil.copy(binary, self.binary)
        self.supervisor = Path(shutil.copy(SERVICE, work))
        self.port = free_port()
        self.releases("init")
        self.shared = self.store / "shared/config/wechat.yaml"
        self.shared.parent.mkdir(parents=True)
        self.shared.write_text("token: acceptance\n")
        self.configure()

    def uv_sync(self, *environment: str, cache: Path | None = None) -> str:
        """The prepare hook of the runbook."""
        settings = [
            f"UV_CACHE_DIR={cache or self.cache}", f"TMPDIR={self.work}", *UV_SETTINGS,
            *environment,
        ]
        return f"{' '.join(settings)} {self.uv} sync --frozen --no-progress"

    def configure(self, prepare: str | None = None, timeout: str = "8s") -> None:
        """Writes releases.yaml; a prepare hook that is left out is the runbook's."""
        text = CONFIGURATION.format(
            prepare=prepare or self.uv_sync(), service=self.supervisor, store=self.store,
            port=self.port, timeout=timeout)
        (self.store / "releases.yaml").write_text(text)

    def command(self, *arguments: str | Path) -> list[str]:
        return [str(self.binary), "--store", str(self.store), *map(str, arguments)]

    def releases(self, *arguments: str | Path, stdin: BinaryIO | None = None) -> Run:
        command = self.command(*arguments)
        start = time.monotonic()
        process = subprocess.run(
            command, stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True)
        seconds = time.monotonic() - start
        return Run(command, process.returncode, seconds, process.stdout, process.stderr)

    def service(self, verb: str) -> None:
        subprocess.run(["sh", self.supervisor, str(self.store), str(self.port), verb], check=True)

    def get(self, path: str) -> dict[str, Any] | None:
        """What the service answers now; None when it does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def version(self) -> str:
        """Which version serves; '-' for none."""
        return (self.get("/version") or {}).get("version", "-")

    def link(self, name: str) -> str | None:
        try:
            return os.readlink(self.store / name)
        except OSError:
            return None

    def live_version(self) -> str:
        """The version in the tree that is live."""
        return (self.store / "current/VERSION").read_text().strip()
