"""A host: systemd as process 1 in namespaces of its own, over a copy-on-write view of the machine.

The root's upper layer survives a power cut whole, as what was installed long ago would.  /opt, /srv
and /home are on a disk that loses what was never flushed.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from disk import Disk
from ended import Run, wait_until

ON_DISK = ("opt", "srv", "home")
ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")
BOOT_SECONDS = 90
LONGEST = 300.0


def _children(process: int) -> list[int]:
    try:
        return [int(word) for word in
                Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _gone(process: int) -> bool:
    """Whether it has ended. As process 1 of the orphans, this program has to wait for them."""
    try:
        os.waitpid(process, os.WNOHANG)
    except ChildProcessError:
        pass
    return not Path(f"/proc/{process}").exists()


class Host:
    """One booted system; at most one at a time."""

    def __init__(self, place: Path, layers: Sequence[Path], disk: Disk):
        """place: an empty directory on a tmpfs; layers: what lies beneath, the topmost first."""
        self.place, self.disk, self.layers = place, disk, layers
        self.root, self.upper = place / "root", place / "upper"
        self.nspawn: subprocess.Popen[bytes] | None = None
        self.leader = 0
        for directory in (self.root, self.upper, place / "work"):
            directory.mkdir(parents=True)
        lower = ":".join(map(str, layers))
        subprocess.run(
            ["mount", "-t", "overlay", "-o",
             f"lowerdir={lower},upperdir={self.upper},workdir={place}/work", "host", self.root],
            check=True)

    # Power.

    def boot(self) -> float:
        """Seconds until systemd says that everything is started."""
        start = time.monotonic()
        binds = [f"--bind={self.disk.mountpoint}/{name}:/{name}" for name in ON_DISK]
        with (self.place / "console").open("ab") as console:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "-D", self.root, "--boot", "--register=no", "--keep-unit",
                 "--private-network", "--console=pipe", "--link-journal=no", *binds],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        if not wait_until(self._is_up, BOOT_SECONDS):
            raise RuntimeError(f"the host does not boot:\n{(self.place / 'console').read_text()}")
        return time.monotonic() - start

    boot_again = boot

    def _is_up(self) -> bool:
        assert self.nspawn
        children = _children(self.nspawn.pid)
        if not children:
            return False
        self.leader = children[0]
        return self.inside("systemctl", "is-system-running").output.strip() in (
            "running", "degraded")

    def power_cut(self) -> None:
        """Everything ends at once; the disk keeps what was flushed."""
        self._kill()
        self.disk.lose_power()

    def power_off(self) -> float:
        """Ends as `systemctl poweroff` does; seconds."""
        assert self.nspawn
        start = time.monotonic()
        self.inside("systemctl", "poweroff")
        self.nspawn.wait(LONGEST)
        self._kill()
        return time.monotonic() - start

    def _kill(self) -> None:
        for process in (self.leader, self.nspawn.pid if self.nspawn else 0):
            if process:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        if self.nspawn:
            self.nspawn.wait()
        if self.leader and not wait_until(lambda: _gone(self.leader), 10):
            raise RuntimeError("the host's process 1 does not end")
        self.nspawn, self.leader = None, 0

    def remove(self) -> None:
        """Cuts the power, and frees what the host took."""
        self._kill()
        self.disk.unmount()
        subprocess.run(["umount", "--recursive", self.root], check=True)
        shutil.rmtree(self.place)

    # Commands.

    def command(self, *words: str) -> list[str]:
        """What runs a command as root inside."""
        return ["nsenter", "-t", str(self.leader), "-a", "env", "-i", *ENVIRONMENT, "HOME=/root",
                *words]

    def command_as(self, user: str, *words: str) -> list[str]:
        return self.command(
            "setpriv", "--reuid", user, "--regid", user, "--init-groups", "--reset-env",
            "env", *ENVIRONMENT, *words)

    def command_on_network(self, *words: str) -> list[str]:
        """What runs a command of the machine on the host's network, as another computer would."""
        return ["nsenter", "-t", str(self.leader), "-n", *words]

    def inside(self, *words: str, stdin: BinaryIO | None = None, seconds: float = LONGEST) -> Run:
        return self.run(self.command(*words), stdin, seconds)

    def as_user(
        self, user: str, *words: str, stdin: BinaryIO | None = None, seconds: float = LONGEST,
    ) -> Run:
        return self.run(self.command_as(user, *words), stdin, seconds)

    def must(self, *words: str) -> str:
        """What root's command prints; it has to succeed."""
        run = self.inside(*words)
        if run.status != 0:
            raise RuntimeError(f"{' '.join(words)}: status {run.status}: {run.text}")
        return run.output

    def shell(self, script: str) -> str:
        return self.must("sh", "-euc", script)

    @staticmethod
    def run(command: list[str], stdin: BinaryIO | None = None, seconds: float = LONGEST) -> Run:
        start = time.monotonic()
        process = subprocess.run(
            command, stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=seconds)
        return Run(process.returncode, time.monotonic() - start, process.stdout, process.stderr)

    @staticmethod
    def begin(command: list[str]) -> subprocess.Popen[str]:
        """Starts a command and does not wait for it."""
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)

    # Files and units.

    def path(self, inside: str) -> Path:
        """Where a file of the host is for us."""
        name = inside.lstrip("/")
        on_disk = name.split("/")[0] in ON_DISK
        return (self.disk.mountpoint if on_disk else self.root) / name

    def copy_in(self, source: Path, target: str, mode: int = 0o644) -> str:
        path = self.path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(mode)
        return target

    def write(self, target: str, text: str, mode: int = 0o644) -> None:
        """As root's; an existing file keeps its owner."""
        path = self.path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def journal(self, unit: str, *more: str) -> str:
        """What a unit logged since the boot."""
        return self.inside(
            "journalctl", "--unit", unit, "--boot", "--output", "cat", "--no-pager", *more).output

    def property(self, unit: str, name: str) -> str:
        return self.must("systemctl", "show", "--value", "--property", name, unit).strip()

    def state(self, unit: str) -> str:
        return self.property(unit, "ActiveState")
