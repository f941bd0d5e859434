"""The restrictions of a machine: missing system calls, few descriptors, a special /proc or root."""

from __future__ import annotations

import itertools
import os
import resource
from dataclasses import dataclass

from harness.calls.missing_calls import ANSWERS, CALLS, block_calls
from harness.system_calls import MS_BIND, MS_RDONLY, MS_REMOUNT, mount, unshare_mounts

# The file system and its options at /proc.
PROC = {
    "not mounted": ("tmpfs", None),
    "subset=pid": ("proc", "subset=pid"),
    "hidepid=2": ("proc", "hidepid=2"),
}


@dataclass(frozen=True)
class Restriction:
    """One restriction: what is missing or special, and in which way."""

    what: str
    how: str

    def __str__(self) -> str:
        """Return the restriction in a few words."""
        return f"{self.what} ({self.how})"

    def apply(self) -> None:
        """Restrict this process and all that it starts."""
        if self.what in CALLS:
            block_calls(CALLS[self.what], ANSWERS[self.how])
        elif self.what == "open files":
            resource.setrlimit(resource.RLIMIT_NOFILE, (int(self.how), int(self.how)))
        else:
            unshare_mounts()
            if self.what == "/proc":
                kind, options = PROC[self.how]
                mount("none", "/proc", kind, 0, options)
            else:
                mount("none", "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY)


def all_restrictions() -> list[Restriction]:
    """Return all restrictions that this user can apply; mounts take root."""
    pairs = [*itertools.product(CALLS, ANSWERS), ("open files", "16"), ("open files", "32")]
    if os.geteuid() == 0:
        pairs += [*(("/proc", how) for how in PROC), ("root directory", "read-only")]
    return [Restriction(what, how) for what, how in pairs]
