"""Disks that record what is written and flushed, and can become what a power cut would leave."""

from __future__ import annotations

import fcntl
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from harness.processes import must_run
from harness.system_calls import MS_BIND, call, mount, unshare_mounts

SECTOR = 512
BLKFLSBUF = 0x1261
BOOT_ID = "/proc/sys/kernel/random/boot_id"
# Offset and length of a write; None for a flush.
Event = Optional[tuple[int, int]]


@dataclass(frozen=True)
class FileSystem:
    """A kind of file system, and how it is made and mounted."""

    name: str
    mebibytes: int
    make: tuple[str, ...]
    kind: str
    options: str = ""
    # What a host does at boot when the file system cannot be mounted.
    repair: tuple[str, ...] = ()
    # The smallest piece of a write that may arrive alone. btrfs trusts a whole superblock.
    tears_at: int = SECTOR


FILE_SYSTEMS = {
    system.name: system
    for system in [
        FileSystem("ext4", 64, ("mkfs.ext4", "-q", "-F"), "ext4", repair=("fsck.ext4", "-y")),
        FileSystem(
            "ext4 noauto_da_alloc",
            64,
            ("mkfs.ext4", "-q", "-F"),
            "ext4",
            "noauto_da_alloc",
            repair=("fsck.ext4", "-y"),
        ),
        FileSystem("xfs", 320, ("mkfs.xfs", "-q", "-f"), "xfs", "nouuid"),
        FileSystem(
            "btrfs", 128, ("mkfs.btrfs", "-q", "-f", "-m", "single"), "btrfs", tears_at=4096
        ),
    ]
}


def isolate(directory: Path) -> None:
    """Give this process mounts of its own and a boot ID of its own."""
    unshare_mounts()
    file = directory / f"boot-{os.getpid()}"
    file.touch()
    mount(str(file), BOOT_ID, None, MS_BIND)
    change_boot_id()


def change_boot_id() -> None:
    """Make the machine look as if it had booted again, to this process's children."""
    Path(BOOT_ID).write_text(f"{uuid.uuid4()}\n", encoding="ascii")


class RecordedDisk:
    """A disk of recording_disk.c under a loop device."""

    def __init__(self, program: Path, system: FileSystem, work: Path) -> None:
        self.system = system
        self.served = work / "served"
        self.mountpoint = work / "disk"
        for path in (self.served, self.mountpoint):
            path.mkdir(parents=True, exist_ok=True)
        subprocess.run([program, str(system.mebibytes), self.served, "-s"], check=True)
        self.loop = must_run("losetup", "--show", "-f", self.served / "disk").strip()
        subprocess.run([*system.make, self.loop], check=True, stdout=subprocess.DEVNULL)
        self.mount()

    def mount(self) -> None:
        """Mount the file system."""
        mount(self.loop, self.mountpoint, self.system.kind, 0, self.system.options)

    def repair(self) -> None:
        """Repair the file system as a host does at boot, and mount it.

        ext4 writes its superblock in place, so that it may be torn.
        Raises OSError when it cannot be repaired.
        """
        words = self.system.repair
        if not words:
            raise OSError(0, "no repair at boot")
        ended = subprocess.run([*words, self.loop], capture_output=True, check=False)
        # See fsck(8): 1 says that errors were corrected, 2 that the host should boot again.
        if ended.returncode & ~3:
            raise OSError(ended.returncode, ended.stdout.decode(errors="replace")[-200:])
        self.mount()

    def unmount(self) -> None:
        """Unmount the file system."""
        call("umount2", str(self.mountpoint).encode(), 0)

    def control(self, line: str) -> None:
        """Give the disk a command, see recording_disk.c."""
        (self.served / "control").write_text(line + "\n", encoding="ascii")

    def become(self, image: str) -> None:
        """Make the disk what a power cut would leave, and make the kernel forget its content."""
        self.control(f"at {image}")
        device = os.open(self.loop, os.O_RDONLY)
        try:
            fcntl.ioctl(device, BLKFLSBUF)
        finally:
            os.close(device)

    def log(self) -> list[Event]:
        """Return the writes and flushes that were recorded."""
        lines = (self.served / "control").read_text("ascii").splitlines()
        return [None if line == "F" else write_event(line) for line in lines]

    def close(self) -> None:
        """Remove the disk."""
        if os.path.ismount(self.mountpoint):
            self.unmount()
        subprocess.run(["losetup", "-d", self.loop], check=True)
        subprocess.run(["umount", self.served], check=True)


def write_event(line: str) -> Event:
    """Return the write in a line of the log."""
    _, offset, length = line.split()
    return int(offset), int(length)
