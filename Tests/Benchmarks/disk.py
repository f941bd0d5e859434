"""A file system of its own for measurements: the host's timings lie."""

import os
import subprocess
import tempfile


class LoopDisk:
    """An image, made, mounted, and gone at the end."""

    def __init__(self, kind: str, gibibytes: int, directory: str):
        self.kind = kind
        self.image = os.path.join(directory, f"{kind}.img")
        self.size = gibibytes << 30
        self.path = ""

    def __enter__(self) -> "LoopDisk":
        with open(self.image, "wb") as image:
            image.truncate(self.size)
        make = {
            # Inodes for over a million files.
            "ext4": ["mkfs.ext4", "-q", "-F", "-i", "8192"],
            "xfs": ["mkfs.xfs", "-q", "-f"],
        }[self.kind]
        subprocess.run([*make, self.image], check=True, stdout=subprocess.DEVNULL)
        self.path = tempfile.mkdtemp(prefix="releases-bench-")
        subprocess.run(["mount", "-o", "loop", self.image, self.path], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", self.path], check=True)
        os.rmdir(self.path)
        os.unlink(self.image)

    def used(self) -> int:
        """Bytes in use once all is written."""
        subprocess.run(["sync", "-f", self.path], check=True)
        facts = os.statvfs(self.path)
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize
