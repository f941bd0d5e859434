"""A store on a host: the tool as its owner, its service, and what must hold of both."""

import json
import os
import re
from pathlib import Path
from typing import Any, BinaryIO

from ended import Run, wait_until
from host import Host

PLACE = "/opt/diting"
PORT = 17999
UV = "/home/deploy/.local/bin/uv"
UV_SYNC = f"{UV} sync --frozen"
SHARED = "shared/config/wechat.yaml"
LINK = re.compile(r"releases/[0-9A-Za-z][0-9A-Za-z._-]*")

CONFIGURATION = """\
keep: {{count: 3, age: 7d}}
shared: {{directories: [logs], files: [config/wechat.yaml]}}
service: {service}
hooks:
  prepare:  {{run: "{prepare}", timeout: 2m}}
  activate: {{run: "{activate}", timeout: 2m}}
  failed:   {{run: "journalctl --unit {service} --lines 60 --output cat --no-pager || true"}}
health:
  url: http://localhost:17999/health
  json: {{status: healthy}}
  timeout: {timeout}
  interval: 1s
verify: {{ignore: ["**/__pycache__/**"]}}
"""


class Store:
    """One store, reached as its owner does."""

    def __init__(self, host: Host, place: str = PLACE, owner: str = "deploy"):
        self.host, self.place, self.owner = host, place, owner

    @property
    def directory(self) -> Path:
        """Where it is for us."""
        return self.host.path(self.place)

    def configure(
        self, prepare: str = UV_SYNC, timeout: str = "5s", service: str = "diting",
        activate: str | None = None,
    ) -> None:
        """Writes releases.yaml; what is left out is the runbook's."""
        text = CONFIGURATION.format(
            prepare=prepare, timeout=timeout, service=service,
            activate=activate or f"sudo /usr/bin/systemctl restart {service}")
        self.write("releases.yaml", text)

    def write(self, name: str, text: str) -> None:
        """A file of the owner's in the store."""
        self.host.write(f"{self.place}/{name}", text)
        self.host.must("chown", "-R", f"{self.owner}:", f"{self.place}/{name.split('/')[0]}")

    def words(self, *words: str) -> list[str]:
        store = [] if self.place == PLACE else ["--store", self.place]
        return ["releases", *store, *words]

    def releases(self, *words: str, stdin: BinaryIO | None = None) -> Run:
        return self.host.as_user(self.owner, *self.words(*words), stdin=stdin)

    def command(self, *words: str) -> list[str]:
        return self.host.command_as(self.owner, *self.words(*words))

    def deploy(self, archive: Path, *words: str) -> Run:
        inside = self.host.copy_in(archive, f"/srv/in/{archive.name}")
        return self.releases("deploy", inside, *words)

    # What is seen from outside.

    def get(self, path: str, port: int = PORT) -> dict[str, Any]:
        """What the service answers now; empty when it does not."""
        run = self.host.run(self.host.command_on_network(
            "curl", "--silent", "--max-time", "2", f"http://127.0.0.1:{port}{path}"))
        try:
            return json.loads(run.output)
        except ValueError:
            return {}

    def version(self) -> str:
        """Which version serves; '-' for none."""
        return self.get("/version").get("version", "-")

    def serves(self, version: str, seconds: float = 10) -> bool:
        return wait_until(lambda: self.version() == version, seconds)

    def link(self, name: str) -> str:
        try:
            return os.readlink(self.directory / name)
        except OSError:
            return ""

    def live_version(self) -> str:
        """The version in the release that `current` points to."""
        return (self.directory / self.link("current") / "VERSION").read_text().strip()

    def entries(self, name: str) -> list[str]:
        return sorted(os.listdir(self.directory / name))

    def last(self) -> dict[str, Any]:
        """The latest transaction in the history."""
        return self.releases("history", "--json", "--limit", "1").json["entries"][0]
