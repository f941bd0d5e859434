"""Gives a run of the host tests mounts and processes of its own, which end with it.

The kernel removes mounts, loop devices and temporary directories with the mount namespace, and
processes with the process namespace. It does not remove control groups, so that is done before and
after a run.
"""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.mounts import mount
from harness.namespaces import is_inside, run_inside
from harness.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

# Two booted systems would share control groups, so a second run waits for the first.
LOCK = Path("/run/lock/releases-host-tests")
CONTROL_GROUPS = (
    Path("/sys/fs/cgroup"),
    Path("/sys/fs/cgroup/systemd"),
    Path("/sys/fs/cgroup/unified"),
)
# What systemd-nspawn makes beneath the group that it is started in.
NSPAWN_GROUPS = ("payload", "supervisor")


def _remove_control_groups() -> bool:
    """Return whether no group of a booted system is left; groups with processes stay."""
    is_removed = True
    for place in (root / name for root in CONTROL_GROUPS for name in NSPAWN_GROUPS):
        for folder, _, _ in os.walk(place, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                is_removed = False
    return is_removed


@contextmanager
def _one_run_at_a_time() -> Iterator[None]:
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wait_until(_remove_control_groups, 5)
        try:
            yield
        finally:
            wait_until(_remove_control_groups, 5)


def isolate() -> None:
    """Run this program again in namespaces of its own, and exit as that run exits.

    This returns only in the second run.
    """
    if is_inside():
        # systemd-nspawn's notes of its machines end with the run too.
        mount("tmpfs", "nspawn", Path("/run/systemd/nspawn"), "mode=755")
        return
    if os.geteuid() != 0:
        sys.exit("the host tests take root: they mount file systems, and boot a system")
    with _one_run_at_a_time():
        status = run_inside()
    sys.exit(status)
