"""A run of the host tests has mounts and processes of its own, which end with it, however it ends.

The kernel cleans up: mounts, loop devices and temporary directories go with the mount namespace,
processes with the process namespace.  Control groups have no such end; they are removed before and
after.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSIDE = "RELEASES_HOST_TESTS"
# Two booted systems would share control groups, so a second run waits for the first.
LOCK = Path("/run/lock/releases-host-tests")
CONTROL_GROUPS = (
    Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified"))
# What systemd-nspawn makes beneath the group that it is started in.
LEFT_BEHIND = ("payload", "supervisor")


def _remove_control_groups() -> bool:
    """Whether nothing of a booted system is left; groups with processes in them stay."""
    gone = True
    for place in (root / name for root in CONTROL_GROUPS for name in LEFT_BEHIND):
        for folder, _, _ in os.walk(place, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                gone = False
    return gone


def _sweep(seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not _remove_control_groups() and time.monotonic() < deadline:
        time.sleep(0.05)


@contextmanager
def _alone() -> Iterator[None]:
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sweep()
        try:
            yield
        finally:
            _sweep()


def _hide_other_hosts() -> None:
    """What systemd-nspawn notes of its machines is the run's own too, and ends with it."""
    notes = Path("/run/systemd/nspawn")
    notes.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "nspawn", notes], check=True)


def isolated() -> None:
    """Begins this program again in namespaces of its own, and ends as that one ends.

    Returns only in the second one.  The second one gets SIGKILL when the first one dies.
    """
    if INSIDE in os.environ:
        _hide_other_hosts()
        return
    if os.geteuid() != 0:
        sys.exit("the host tests need root: they mount, and boot a system")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with _alone():
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
             "--kill-child", "--mount-proc", sys.executable, "-B", *sys.argv],
            env=os.environ | {INSIDE: "1"})
        try:
            status = process.wait()
        finally:
            process.kill()
            process.wait()
    sys.exit(status)
