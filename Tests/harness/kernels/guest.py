"""A virtual machine: qemu boots a kernel of Debian, and its power can be cut."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

from harness.processes import Run

if TYPE_CHECKING:
    from pathlib import Path

QEMU = "qemu-system-x86_64"
# Other processes of the machine have priority.
NICE = ("nice", "-n", "10")
# The kernel's check of the timer fails when the machine is busy.
COMMAND_LINE = (
    "console=ttyS0 root=/dev/vda rw quiet systemd.show_status=0 random.trust_cpu=on no_timer_check"
)
BOOT_LIMIT = 900


class NoAnswer(Exception):
    """The guest did not answer in time, or has stopped."""


class Guest:
    """A disk, and the machine that runs from it between a boot and a power cut."""

    def __init__(
        self, kernel: Path, initrd: Path, disks: list[Path], log: Path, extra: str = ""
    ) -> None:
        """Take note of the files.

        disks: the first one is the guest's own, the others are only read.
        extra: more parameters of the kernel.
        """
        self.kernel, self.initrd, self.disks, self.log = kernel, initrd, disks, log
        self.extra = extra
        self.process: subprocess.Popen[bytes] | None = None
        self.boots = 0
        self.boot_seconds: list[float] = []
        # The guest's ID of the current boot.
        self.boot_id = ""
        self._unread = b""

    def boot(self) -> None:
        """Switch the machine on, and wait until its systemd has started everything."""
        ours, theirs = socket.socketpair()
        self.boots += 1
        start = time.monotonic()
        with open(self.log, "ab") as log:
            log.write(f"--- boot {self.boots}\n".encode())
            log.flush()
            self.process = subprocess.Popen(
                [*NICE, QEMU, *self._options(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
            )
        theirs.close()
        self._port, self._unread = ours, b""
        self.boot_id = self._answer(BOOT_LIMIT)["boot"]
        self.run("systemctl", "is-system-running", "--wait", timeout=BOOT_LIMIT)
        self.boot_seconds.append(time.monotonic() - start)

    def _options(self, agent: int) -> list[str]:
        """Return the options of qemu.

        agent: the descriptor of the socket that is the agent's serial port.
        """
        drives: list[str] = []
        for number, disk in enumerate(self.disks):
            # A power cut loses what the guest has not flushed to its own disk.
            kind = "cache=writeback" if number == 0 else "readonly=on"
            drives += ["-drive", f"file={disk},format=raw,if=virtio,{kind}"]
        machine = "-machine pc -accel tcg,thread=single -cpu max -m 1024"
        console = "-nographic -no-reboot -nodefaults -serial stdio"
        ports = (
            f"-device virtio-serial-pci -chardev socket,id=agent,fd={agent}"
            " -device virtserialport,chardev=agent,name=agent"
        )
        kernel = ["-kernel", str(self.kernel), "-initrd", str(self.initrd)]
        command_line = ["-append", f"{COMMAND_LINE} {self.extra}".strip()]
        return [*f"{machine} {console} {ports}".split(), *kernel, *command_line, *drives]

    def run(self, *words: str, user: str | None = None, timeout: float = 600) -> Run:
        """Run a command to its end, as root unless a user is named."""
        self.begin(*words, user=user, timeout=timeout)
        return self.end(timeout=timeout)

    def begin(self, *words: str, user: str | None = None, timeout: float = 600) -> None:
        """Start a command; `end` waits for it, unless the power is cut before."""
        request = {"words": words, "user": user, "timeout": timeout}
        self._port.sendall(json.dumps(request).encode() + b"\n")

    def end(self, timeout: float = 600) -> Run:
        """Wait for the command that was started."""
        found = self._answer(timeout + 60)
        return Run(found["status"], found["output"], found["errors"], found["seconds"])

    def has_answered(self, seconds: float) -> bool:
        """Return whether the command that was started ends within this time."""
        return bool(select.select([self._port], [], [], seconds)[0])

    def _answer(self, timeout: float) -> dict[str, Any]:
        limit = time.monotonic() + timeout
        while b"\n" not in self._unread:
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self._port], [], [], left)[0]:
                raise NoAnswer(f"no answer within {timeout:.0f} s, see {self.log.name}")
            got = self._port.recv(1 << 16)
            if not got:
                raise NoAnswer(f"the machine has stopped, see {self.log.name}")
            self._unread += got
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def cut(self) -> None:
        """Cut the power, which loses what the guest's kernel has only in memory."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self._port.close()
            self.process = None
