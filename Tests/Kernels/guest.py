"""A machine in software: qemu boots a kernel of Debian's, and its power can be cut."""

from __future__ import annotations

import json
import os
import select
import shlex
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

QEMU = "qemu-system-x86_64"
# One host processor is enough, and others may need it more.
NICE = ("nice", "-n", "10")
# Where the host is busy, a check of the timer would take it for a broken one.
COMMAND_LINE = ("console=ttyS0 root=/dev/vda rw quiet systemd.show_status=0 random.trust_cpu=on "
                "no_timer_check")
BOOT_LIMIT = 900


class Silent(Exception):
    """The guest did not answer in time, or is gone."""


@dataclass(frozen=True)
class Run:
    """What one command in the guest left behind."""

    words: tuple[str, ...]
    status: int
    output: str
    errors: str
    seconds: float

    @property
    def text(self) -> str:
        return (self.output + self.errors).strip()

    def __str__(self) -> str:
        return f"{shlex.join(self.words)}: status {self.status}: {self.text}"


class Guest:
    """One disk, and the machine that runs from it from boot to power cut."""

    def __init__(self, kernel: Path, initrd: Path, disks: list[Path], log: Path, extra: str = ""):
        self.kernel, self.initrd, self.disks, self.log = kernel, initrd, disks, log
        self.extra = extra
        self.process: subprocess.Popen | None = None
        self.boots = 0
        self.boot_seconds: list[float] = []
        # The guest's own id of the boot that runs.
        self.boot_id = ""
        self._unread = b""

    def boot(self) -> None:
        """Switches the machine on and waits until its systemd has started everything."""
        ours, theirs = socket.socketpair()
        drives: list[str] = []
        for number, disk in enumerate(self.disks):
            # The first disk is the guest's own: what it has not flushed, a power cut takes away.
            kind = "cache=writeback" if number == 0 else "readonly=on"
            drives += ["-drive", f"file={disk},format=raw,if=virtio,{kind}"]
        self.boots += 1
        start = time.monotonic()
        with open(self.log, "ab") as log:
            log.write(f"--- boot {self.boots}\n".encode())
            log.flush()
            self.process = subprocess.Popen(
                [*NICE, QEMU, "-machine", "pc", "-accel", "tcg,thread=single", "-cpu", "max",
                 "-m", "1024", "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio",
                 "-kernel", self.kernel, "-initrd", self.initrd,
                 "-append", f"{COMMAND_LINE} {self.extra}".strip(), *drives,
                 "-device", "virtio-serial-pci",
                 "-chardev", f"socket,id=agent,fd={theirs.fileno()}",
                 "-device", "virtserialport,chardev=agent,name=agent"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[theirs.fileno()])
        theirs.close()
        self._port, self._unread = ours, b""
        self.boot_id = self._answer(BOOT_LIMIT)["boot"]
        self.run("systemctl", "is-system-running", "--wait", timeout=BOOT_LIMIT)
        self.boot_seconds.append(time.monotonic() - start)

    def run(self, *words: str, user: str | None = None, timeout: float = 600) -> Run:
        """Runs a command to its end, as root unless a user is named."""
        self.begin(*words, user=user, timeout=timeout)
        return self.end(*words, timeout=timeout)

    def begin(self, *words: str, user: str | None = None, timeout: float = 600) -> None:
        """Starts a command; `end` waits for it, unless the power is cut before."""
        request = {"words": words, "user": user, "timeout": timeout}
        self._port.sendall(json.dumps(request).encode() + b"\n")

    def end(self, *words: str, timeout: float = 600) -> Run:
        found = self._answer(timeout + 60)
        return Run(words, found["status"], found["output"], found["errors"], found["seconds"])

    def has_answered(self, seconds: float) -> bool:
        """Whether the command that began ends within this time."""
        return bool(select.select([self._port], [], [], seconds)[0])

    def _answer(self, timeout: float) -> dict:
        limit = time.monotonic() + timeout
        while b"\n" not in self._unread:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self._port], [], [], left)[0]:
                raise Silent(f"no answer within {timeout:.0f} s, see {self.log.name}")
            got = self._port.recv(1 << 16)
            if not got:
                raise Silent(f"the machine has stopped, see {self.log.name}")
            self._unread += got
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)

    def cut(self) -> None:
        """Cuts the power: whatever the guest's kernel has only in memory is lost."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self._port.close()
            self.process = None

    def off(self) -> None:
        """Shuts the guest down as an administrator would."""
        self.begin("systemctl", "poweroff")
        try:
            self.process.wait(300)
        except subprocess.TimeoutExpired:
            pass
        self.cut()

    def dry(self) -> str:
        """The end of what the guest's console printed."""
        size = os.path.getsize(self.log)
        with open(self.log, "rb") as file:
            file.seek(max(0, size - 4000))
            return file.read().decode(errors="replace")
