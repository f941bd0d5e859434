"""A file system of its own for measurements, since other work changes the timings of the host's."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from harness.mounts import make_file_system, mount

MAKE = {
    # These are enough inodes for more than a million files.
    "ext4": ["mkfs.ext4", "-q", "-F", "-i", "8192"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
}


class LoopDisk:
    """A file system in an image file, which is removed afterwards."""

    def __init__(self, kind: str, gibibytes: int, directory: Path) -> None:
        self.kind = kind
        self.image = directory / f"{kind}.img"
        self.size = gibibytes << 30
        self.path = Path()

    def __enter__(self) -> LoopDisk:
        """Make and mount the file system."""
        make_file_system(self.image, self.size, *MAKE[self.kind])
        self.path = Path(tempfile.mkdtemp(prefix="releases-bench-"))
        mount(self.kind, self.image, self.path, "loop")
        return self

    def __exit__(self, *_: object) -> None:
        """Unmount and remove the file system."""
        subprocess.run(["umount", self.path], check=True)
        os.rmdir(self.path)
        os.unlink(self.image)

    def flush(self) -> None:
        """Flush the file system."""
        subprocess.run(["sync", "-f", self.path], check=True)
