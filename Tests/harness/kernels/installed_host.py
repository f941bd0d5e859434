"""A guest with the package, its units, a user `deploy`, a store and a service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.assertions import SetupFailed

if TYPE_CHECKING:
    from harness.kernels.guest import Guest
    from harness.processes import Run

STORE = "/opt/diting"
URL = "http://localhost:17999/health"
CONFIGURATION = f"""\
service: diting
keep: {{count: 3, age: 7d}}
hooks:
  activate: {{run: sudo /usr/bin/systemctl restart diting, timeout: 3m}}
health: {{url: "{URL}", json: {{status: healthy}}, timeout: 60s}}
"""
# The second disk has this package, see __main__.py.
PYTHONPATH = "PYTHONPATH=/mnt/harness"
UNITS = Path("/usr/lib/systemd/system")


def python_module(module: str) -> list[str]:
    """Return the words that run a module of this package in the guest."""
    return ["env", PYTHONPATH, "RELEASES_CRASH_SECONDS=60", "python3", "-B", "-m", module]


class InstalledHost:
    """What an administrator does in a guest."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        # The instance of the package's template units.
        self.instance = ""

    def must(self, *words: str, user: str | None = None, timeout: float = 600) -> Run:
        """Run a command that only prepares a test; raises SetupFailed when it fails."""
        run = self.guest.run(*words, user=user, timeout=timeout)
        if run.status != 0:
            raise SetupFailed(f"{' '.join(words)}: {run}")
        return run

    def install(self) -> None:
        """Install the package and two of its examples, and make the store."""
        self.must("dpkg", "-i", "/mnt/harness/releases.deb")
        if self.guest.run("id", "deploy").status != 0:
            self.must("useradd", "--create-home", "--shell", "/bin/bash", "deploy")
        self.must("install", "-d", "-o", "deploy", "-g", "deploy", STORE)
        self.must("install", "-m", "440", "/mnt/harness/sudoers", "/etc/sudoers.d/releases")
        self.must("install", "-m", "644", "/mnt/harness/diting.service", "/etc/systemd/system/")
        self.must("install", "-d", "-o", "deploy", "-g", "deploy", "/var/lib/node_exporter")
        self.must(
            "install",
            "-o",
            "deploy",
            "-g",
            "deploy",
            "-m",
            "644",
            "/mnt/harness/releases.yaml",
            f"{STORE}/releases.yaml",
        )
        if self.guest.run("test", "-e", f"{UNITS}/releases-recover@.service").status == 0:
            self.instance = "@" + self.must("systemd-escape", "--path", STORE).output.strip()
        self.must("systemctl", "daemon-reload")
        self.must("systemctl", "enable", "diting.service", self.unit("recover"))
        self.must("releases", "init", user="deploy")

    def unit(self, job: str) -> str:
        """Return the name of a shipped service."""
        return f"releases-{job}{self.instance}.service"

    def releases(self, *words: str, timeout: float = 600) -> Run:
        """Run the tool as the owner of the store."""
        return self.guest.run("releases", *words, user="deploy", timeout=timeout)

    def deploy(self, archive: str) -> Run:
        """Deploy an archive of the second disk."""
        return self.releases(*self.deploying(archive))

    @staticmethod
    def deploying(archive: str) -> tuple[str, ...]:
        """Return the words of the command that deploys an archive."""
        identity = archive.removesuffix(".tar.gz")
        return ("deploy", f"/mnt/harness/{archive}", "--id", identity)

    def live(self) -> str:
        """Return the live release."""
        return self.guest.run("readlink", f"{STORE}/current").output.strip().rpartition("/")[2]

    def serves(self) -> str:
        """Return the release that answers on the port of the service, or the error of curl(1)."""
        run = self.guest.run(
            "curl",
            "--silent",
            "--show-error",
            "--max-time",
            "30",
            "--retry",
            "20",
            "--retry-connrefused",
            "--retry-delay",
            "2",
            URL,
        )
        try:
            return str(run.json["id"])
        except ValueError:
            return run.text.rpartition("\n")[2]

    def judge(self) -> tuple[dict[str, Any] | None, str]:
        """Return what the oracle reads from the store, or why the store is not in order."""
        run = self.guest.run(*python_module("harness.kernels.judge_store"), STORE)
        return (run.json, "") if run.status == 0 else (None, run.text)

    def history(self) -> list[dict[str, Any]]:
        """Return the entries of the history."""
        entries: list[dict[str, Any]] = self.releases("history", "--json").json["entries"]
        return entries

    def result(self, unit: str) -> dict[str, str]:
        """Return how a unit ended, according to systemd."""
        shown = self.guest.run(
            "systemctl", "show", "-p", "Result", "-p", "ExecMainStatus", "-p", "ActiveState", unit
        )
        pairs = (line.partition("=") for line in shown.output.splitlines() if "=" in line)
        return {name: value for name, _, value in pairs}

    def log(self, unit: str) -> str:
        """Return what a unit has logged since the boot, without the usual lines of systemd."""
        lines = self.guest.run(
            "journalctl", "--boot", "--no-pager", "--output", "cat", "--unit", unit
        ).output
        usual = (
            "Starting ",
            "Finished ",
            f"{unit}: Succeeded",
            f"{unit}: Deactivated",
            f"{unit}: Consumed",
        )
        return "\n".join(line for line in lines.splitlines() if not line.startswith(usual))
