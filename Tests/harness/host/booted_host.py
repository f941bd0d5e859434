"""A host: systemd as process 1 in namespaces of its own, on a copy-on-write view of the machine.

The upper layer of the root survives a power cut, as what was installed long ago does. /opt, /srv
and /home are on a disk that loses what was never flushed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from harness import processes
from harness.processes import Run, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.host.crashing_disk import CrashingDisk

ON_DISK = ("opt", "srv", "home")
ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")
BOOT_SECONDS = 90
LONGEST_SECONDS = 300.0


def _gone(process: int) -> bool:
    """Return whether a process has ended; this program has to wait for orphans."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, os.WNOHANG)
    return not Path(f"/proc/{process}").exists()


class Host:
    """One system, which is off or booted."""

    def __init__(self, place: Path, layers: Sequence[Path], disk: CrashingDisk) -> None:
        """Make a host that is off.

        place: an empty directory on a tmpfs.
        layers: the lower layers of the root, the topmost first.
        """
        self.place, self.disk, self.layers = place, disk, layers
        self.root, self.upper = place / "root", place / "upper"
        self.nspawn: subprocess.Popen[bytes] | None = None
        self.leader = 0
        for directory in (self.root, self.upper, place / "work"):
            directory.mkdir(parents=True)
        lower = ":".join(map(str, layers))
        subprocess.run(
            [
                "mount",
                "-t",
                "overlay",
                "-o",
                f"lowerdir={lower},upperdir={self.upper},workdir={place}/work",
                "host",
                self.root,
            ],
            check=True,
        )

    def boot(self) -> float:
        """Boot, and return the seconds until systemd says that everything is started."""
        start = time.monotonic()
        binds = [f"--bind={self.disk.mountpoint}/{name}:/{name}" for name in ON_DISK]
        with (self.place / "console").open("ab") as console:
            self.nspawn = subprocess.Popen(
                [
                    "systemd-nspawn",
                    "-D",
                    self.root,
                    "--boot",
                    "--register=no",
                    "--keep-unit",
                    "--private-network",
                    "--console=pipe",
                    "--link-journal=no",
                    *binds,
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        if not wait_until(self._is_up, BOOT_SECONDS):
            raise RuntimeError(f"the host does not boot:\n{(self.place / 'console').read_text()}")
        return time.monotonic() - start

    def _is_up(self) -> bool:
        assert self.nspawn
        started = processes.children(self.nspawn.pid)
        if not started:
            return False
        self.leader = started[0]
        return self.inside("systemctl", "is-system-running").output.strip() in (
            "running",
            "degraded",
        )

    def power_cut(self) -> None:
        """Cut the power: all processes end at once, and the disk keeps only what was flushed."""
        self._kill()
        self.disk.lose_power()

    def power_off(self) -> float:
        """Shut the host down with `systemctl poweroff`, and return the seconds that it takes."""
        assert self.nspawn
        start = time.monotonic()
        self.inside("systemctl", "poweroff")
        self.nspawn.wait(LONGEST_SECONDS)
        self._kill()
        return time.monotonic() - start

    def _kill(self) -> None:
        for process in (self.leader, self.nspawn.pid if self.nspawn else 0):
            if process:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        if self.nspawn:
            self.nspawn.wait()
        if self.leader and not wait_until(lambda: _gone(self.leader), 10):
            raise RuntimeError("the host's process 1 does not end")
        self.nspawn, self.leader = None, 0

    def remove(self) -> None:
        """Cut the power, and remove the host."""
        self._kill()
        self.disk.unmount()
        subprocess.run(["umount", "--recursive", self.root], check=True)
        shutil.rmtree(self.place)

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs a command as root on the host."""
        return [
            "nsenter",
            "-t",
            str(self.leader),
            "-a",
            "env",
            "-i",
            *ENVIRONMENT,
            "HOME=/root",
            *words,
        ]

    def command_as(self, user: str, *words: str) -> list[str]:
        """Return the command line that runs a command as a user of the host."""
        return self.command(
            "setpriv",
            "--reuid",
            user,
            "--regid",
            user,
            "--init-groups",
            "--reset-env",
            "env",
            *ENVIRONMENT,
            *words,
        )

    def command_on_network(self, *words: str) -> list[str]:
        """Return the command line that runs a command in the host's network, as from outside."""
        return ["nsenter", "-t", str(self.leader), "-n", *words]

    def inside(
        self, *words: str, stdin: BinaryIO | None = None, seconds: float = LONGEST_SECONDS
    ) -> Run:
        """Run a command as root on the host."""
        return self.run(self.command(*words), stdin, seconds)

    def as_user(
        self,
        user: str,
        *words: str,
        stdin: BinaryIO | None = None,
        seconds: float = LONGEST_SECONDS,
    ) -> Run:
        """Run a command as a user of the host."""
        return self.run(self.command_as(user, *words), stdin, seconds)

    def must(self, *words: str) -> str:
        """Run a command of root that has to succeed, and return what it prints."""
        run = self.inside(*words)
        if run.status != 0:
            raise RuntimeError(f"{' '.join(words)}: {run}")
        return run.output

    def shell(self, script: str) -> str:
        """Run a shell script of root that has to succeed, and return what it prints."""
        return self.must("sh", "-euc", script)

    @staticmethod
    def run(
        command: list[str], stdin: BinaryIO | None = None, seconds: float = LONGEST_SECONDS
    ) -> Run:
        """Run a command line to its end."""
        return processes.run(command, stdin=stdin, timeout=seconds)

    @staticmethod
    def begin(command: list[str]) -> subprocess.Popen[str]:
        """Start a command without waiting for it."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def path(self, inside: str) -> Path:
        """Return the path of a file of the host on the machine."""
        name = inside.lstrip("/")
        on_disk = name.split("/")[0] in ON_DISK
        return (self.disk.mountpoint if on_disk else self.root) / name

    def copy_in(self, source: Path, target: str, mode: int = 0o644) -> str:
        """Copy a file of the machine to the host, and return its path there."""
        path = self.path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(mode)
        return target

    def write(self, target: str, text: str, mode: int = 0o644) -> None:
        """Write a file as root; an existing file keeps its owner."""
        path = self.path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def journal(self, unit: str, *more: str) -> str:
        """Return what a unit has logged since the boot."""
        return self.inside(
            "journalctl", "--unit", unit, "--boot", "--output", "cat", "--no-pager", *more
        ).output

    def property(self, unit: str, name: str) -> str:
        """Return a property of a unit."""
        return self.must("systemctl", "show", "--value", "--property", name, unit).strip()

    def state(self, unit: str) -> str:
        """Return whether a unit is active, failed or in another state."""
        return self.property(unit, "ActiveState")
