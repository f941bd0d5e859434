"""A disk that loses what was never flushed when its power is cut: ext4 on a loop device."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from typing import TYPE_CHECKING

from harness.mounts import make_file_system, mount
from harness.processes import wait_until

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 3 << 30
# EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: the file system stops writing at once, what is
# in memory is lost, and the next mount replays the log.
SHUTDOWN = 0x8004587D
WITHOUT_FLUSHING_THE_LOG = 2


class CrashingDisk:
    """A file system in an image file, which is mounted at a directory."""

    def __init__(self, image: Path, mountpoint: Path) -> None:
        self.image, self.mountpoint = image, mountpoint
        mountpoint.mkdir(parents=True, exist_ok=True)

    def make(self) -> None:
        """Make an empty file system."""
        make_file_system(self.image, SIZE, "mkfs.ext4", "-q", "-F")

    def copy_from(self, image: Path) -> None:
        """Copy another image."""
        subprocess.run(["cp", "--sparse=always", image, self.image], check=True)

    def mount(self) -> None:
        """Mount the file system."""
        mount("ext4", self.image, self.mountpoint, "loop")

    def unmount(self) -> None:
        """Unmount the file system, as soon as the last process that uses it has ended."""
        command = ["umount", str(self.mountpoint)]

        def is_unmounted() -> bool:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

        if not wait_until(is_unmounted, 10):
            raise RuntimeError(f"{self.mountpoint} stays in use")

    def lose_power(self) -> None:
        """Lose what was not flushed, and mount the disk again, as at the next boot."""
        descriptor = os.open(self.mountpoint, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
        finally:
            os.close(descriptor)
        self.unmount()
        self.mount()
