"""A store on a host: the tool as its owner runs it, and what the service answers."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, BinaryIO

from harness.processes import Run, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.booted_host import Host

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


class HostStore:
    """One store, on which commands are run as its owner."""

    def __init__(self, host: Host, place: str = PLACE, owner: str = "deploy") -> None:
        self.host, self.place, self.owner = host, place, owner

    @property
    def directory(self) -> Path:
        """The path of the store on the machine."""
        return self.host.path(self.place)

    def configure(
        self,
        prepare: str = UV_SYNC,
        timeout: str = "5s",
        service: str = "diting",
        activate: str | None = None,
    ) -> None:
        """Write releases.yaml; the defaults are those of the runbook."""
        text = CONFIGURATION.format(
            prepare=prepare,
            timeout=timeout,
            service=service,
            activate=activate or f"sudo /usr/bin/systemctl restart {service}",
        )
        self.write("releases.yaml", text)

    def write(self, name: str, text: str) -> None:
        """Write a file of the owner in the store."""
        self.host.write(f"{self.place}/{name}", text)
        self.host.must(
            "chown", "-R", f"{self.owner}:", f"{self.place}/{name.split('/', maxsplit=1)[0]}"
        )

    def words(self, *words: str) -> list[str]:
        """Return the words of a command on this store."""
        store = [] if self.place == PLACE else ["--store", self.place]
        return ["releases", *store, *words]

    def releases(self, *words: str, stdin: BinaryIO | None = None) -> Run:
        """Run the tool as the owner."""
        return self.host.as_user(self.owner, *self.words(*words), stdin=stdin)

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs the tool as the owner."""
        return self.host.command_as(self.owner, *self.words(*words))

    def deploy(self, archive: Path, *words: str) -> Run:
        """Copy an archive to the host and deploy it."""
        inside = self.host.copy_in(archive, f"/srv/in/{archive.name}")
        return self.releases("deploy", inside, *words)

    def get(self, path: str, port: int = PORT) -> dict[str, Any]:
        """Return what the service answers; nothing when it does not answer."""
        run = self.host.run(
            self.host.command_on_network(
                "curl", "--silent", "--max-time", "2", f"http://127.0.0.1:{port}{path}"
            )
        )
        try:
            answer: dict[str, Any] = json.loads(run.output)
            return answer
        except ValueError:
            return {}

    def version(self) -> str:
        """Return the version that answers; '-' for none."""
        return str(self.get("/version").get("version", "-"))

    def serves(self, version: str, seconds: float = 10) -> bool:
        """Return whether a version answers within the time."""
        return wait_until(lambda: self.version() == version, seconds)

    def link(self, name: str) -> str:
        """Return the target of a link; an empty text when there is none."""
        try:
            return os.readlink(self.directory / name)
        except OSError:
            return ""

    def live_version(self) -> str:
        """Return the version in the live release."""
        return (self.directory / self.link("current") / "VERSION").read_text().strip()

    def entries(self, name: str) -> list[str]:
        """Return the sorted names in a directory of the store."""
        return sorted(os.listdir(self.directory / name))

    def last(self) -> dict[str, Any]:
        """Return the latest transaction in the history."""
        history = self.releases("history", "--json", "--limit", "1").json
        entry: dict[str, Any] = history["entries"][0]
        return entry
