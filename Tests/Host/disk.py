"""A disk that forgets what was never flushed when its power is cut: ext4 on a loop device."""

import fcntl
import os
import struct
import subprocess
import time
from pathlib import Path

SIZE = 3 << 30
# EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, see ext4's ioctls: the file system stops
# writing at once, what is in memory is lost, and the next mount replays the log.
SHUTDOWN = 0x8004587D
WITHOUT_FLUSHING_THE_LOG = 2


class Disk:
    """An image, mounted at a directory."""

    def __init__(self, image: Path, mountpoint: Path):
        self.image, self.mountpoint = image, mountpoint
        mountpoint.mkdir(parents=True, exist_ok=True)

    def make(self) -> None:
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)

    def copy_of(self, image: Path) -> None:
        subprocess.run(["cp", "--sparse=always", image, self.image], check=True)

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.image, self.mountpoint], check=True)

    def unmount(self) -> None:
        """Waits for the last process that just died to let go of it."""
        deadline = time.monotonic() + 10
        while subprocess.run(["umount", self.mountpoint], capture_output=True).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.mountpoint} stays in use")
            time.sleep(0.05)

    def lose_power(self) -> None:
        """What was not flushed is gone; the disk is mounted again, as at the next boot."""
        descriptor = os.open(self.mountpoint, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
        finally:
            os.close(descriptor)
        self.unmount()
        self.mount()
