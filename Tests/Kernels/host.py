"""A host in the guest: the package, its units, a user `deploy`, a store and a service."""

from __future__ import annotations

import json
from pathlib import Path

from guest import Guest, Run

STORE = "/opt/diting"
URL = "http://localhost:17999/health"
CONFIGURATION = f"""\
service: diting
keep: {{count: 3, age: 7d}}
hooks:
  activate: {{run: sudo /usr/bin/systemctl restart diting, timeout: 3m}}
health: {{url: "{URL}", json: {{status: healthy}}, timeout: 60s}}
"""
UNITS = Path("/usr/lib/systemd/system")


class Host:
    """The guest, as an administrator of it sees it."""

    def __init__(self, guest: Guest):
        self.guest = guest
        # A template's instance where the package has templates.
        self.instance = ""

    def must(self, *words: str, user: str | None = None, timeout: float = 600) -> Run:
        """A command that only prepares something, and has to succeed."""
        run = self.guest.run(*words, user=user, timeout=timeout)
        if run.status != 0:
            raise RuntimeError(str(run))
        return run

    def install(self) -> None:
        """The package, the two files that its examples ask for, and the store."""
        self.must("dpkg", "-i", "/mnt/harness/releases.deb")
        if self.guest.run("id", "deploy").status != 0:
            self.must("useradd", "--create-home", "--shell", "/bin/bash", "deploy")
        self.must("install", "-d", "-o", "deploy", "-g", "deploy", STORE)
        self.must("install", "-m", "440", "/mnt/harness/sudoers", "/etc/sudoers.d/releases")
        self.must("install", "-m", "644", "/mnt/harness/diting.service", "/etc/systemd/system/")
        self.must("install", "-d", "-o", "deploy", "-g", "deploy", "/var/lib/node_exporter")
        self.must("install", "-o", "deploy", "-g", "deploy", "-m", "644",
                  "/mnt/harness/releases.yaml", f"{STORE}/releases.yaml")
        if self.guest.run("test", "-e", f"{UNITS}/releases-recover@.service").status == 0:
            self.instance = "@" + self.must("systemd-escape", "--path", STORE).output.strip()
        self.must("systemctl", "daemon-reload")
        self.must("systemctl", "enable", "diting.service", self.unit("recover"))
        self.must("releases", "init", user="deploy")

    def unit(self, job: str) -> str:
        return f"releases-{job}{self.instance}.service"

    def releases(self, *words: str, timeout: float = 600) -> Run:
        """The binary, as the store's owner."""
        return self.guest.run("releases", *words, user="deploy", timeout=timeout)

    def deploy(self, archive: str) -> Run:
        return self.releases(*self.deploying(archive))

    @staticmethod
    def deploying(archive: str) -> tuple[str, ...]:
        identity = archive.removesuffix(".tar.gz")
        return ("deploy", f"/mnt/harness/{archive}", "--id", identity)

    def live(self) -> str:
        return self.guest.run("readlink", f"{STORE}/current").output.strip().rpartition("/")[2]

    def serves(self) -> str:
        """The release that answers on the service's port."""
        run = self.guest.run("curl", "--silent", "--show-error", "--max-time", "30",
                             "--retry", "20", "--retry-connrefused", "--retry-delay", "2", URL)
        try:
            return json.loads(run.output)["id"]
        except ValueError:
            return run.text.rpartition("\n")[2]

    def judge(self) -> tuple[dict | None, str]:
        """What the crash suite's oracle finds, or what it says is wrong."""
        run = self.guest.run("python3", "-B", "/mnt/harness/judge.py", STORE)
        return (json.loads(run.output), "") if run.status == 0 else (None, run.text)

    def history(self) -> list[dict]:
        return json.loads(self.releases("history", "--json").output)["entries"]

    def result(self, unit: str) -> dict[str, str]:
        """How a unit ended, according to systemd."""
        shown = self.guest.run(
            "systemctl", "show", "-p", "Result", "-p", "ExecMainStatus", "-p", "ActiveState", unit)
        return dict(line.split("=", 1) for line in shown.output.splitlines() if "=" in line)

    def log(self, unit: str) -> str:
        """What a unit's command has printed since the boot, and what systemd says of it beyond that
        it was started and has ended."""
        lines = self.guest.run(
            "journalctl", "--boot", "--no-pager", "--output", "cat", "--unit", unit).output
        usual = ("Starting ", "Finished ", f"{unit}: Succeeded", f"{unit}: Deactivated",
                 f"{unit}: Consumed")
        return "\n".join(line for line in lines.splitlines() if not line.startswith(usual))
