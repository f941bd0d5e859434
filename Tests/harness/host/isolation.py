"""Gives a run of the host tests mounts, processes and a control group of its own.

The kernel removes mounts, loop devices and temporary directories with the mount namespace, and
processes with the process namespace. It does not remove control groups, so that is done after a
run, and before the next one for runs that were killed.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.mounts import mount
from harness.namespaces import is_inside, run_inside
from harness.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

# The hierarchies that systemd uses: the single one of version 2, or those of a machine with both.
HIERARCHIES = (
    Path("/sys/fs/cgroup"),
    Path("/sys/fs/cgroup/systemd"),
    Path("/sys/fs/cgroup/unified"),
)
# The group of a run; systemd-nspawn makes its own beneath the group that it is started in, so that
# booted systems of two runs do not share any.
PREFIX = "releases-host-tests-"


def _hierarchies() -> list[Path]:
    return [root for root in HIERARCHIES if (root / "cgroup.procs").exists()]


def _remove_unused_groups() -> bool:
    """Remove the groups of all runs that have ended; return whether that of this run is gone."""
    for group in (group for root in _hierarchies() for group in root.glob(f"{PREFIX}*")):
        owner = group.name.removeprefix(PREFIX)
        if owner != str(os.getpid()) and Path("/proc", owner).exists():
            continue
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                os.rmdir(folder)
    own = f"{PREFIX}{os.getpid()}"
    return not any((root / own).exists() for root in _hierarchies())


@contextmanager
def _own_control_group() -> Iterator[None]:
    """Move this process to a group of its own, and back."""
    _remove_unused_groups()
    former = {root: _group_in(root) for root in _hierarchies()}
    for root in former:
        group = root / f"{PREFIX}{os.getpid()}"
        group.mkdir()
        (group / "cgroup.procs").write_text("0")
    try:
        yield
    finally:
        for group in former.values():
            (group / "cgroup.procs").write_text("0")
        wait_until(_remove_unused_groups, 5)


def _group_in(root: Path) -> Path:
    """Return the group of this process in a hierarchy."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        name = "systemd" if controllers == "name=systemd" else ""
        if root.name == name or (not controllers and root.name in ("cgroup", "unified")):
            return root / path.lstrip("/")
    return root


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
    with _own_control_group():
        status = run_inside()
    sys.exit(status)
