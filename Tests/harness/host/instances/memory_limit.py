"""A memory limit for one process of a host, which the kernel's OOM killer enforces.

The systemd of a host does not manage memory where the machine has control groups of version 1, so
the process is put into a group from outside. The application asks for it by its name. With version
2, a drop-in limits the unit.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.host.booted_host import Host

HIERARCHY = Path("/sys/fs/cgroup/memory")
GROUP = "releases-host-tests-memory"
# The name that a process gives itself, at most 15 characters.
ASKS = "wants-a-limit"
LIMIT = 64 << 20
DROP_IN = f"[Service]\nMemoryMax={LIMIT}\nMemorySwapMax=0\n"

# What an application runs to be killed for its memory. Pages of zeros would take no memory.
ALLOCATES = f"""
import pathlib, time
pathlib.Path("/proc/self/comm").write_text("{ASKS}")
end = time.monotonic() + 3
while "{GROUP}" not in pathlib.Path("/proc/self/cgroup").read_text() and time.monotonic() < end:
    time.sleep(0.02)
TABLE = [b"x" * (1 << 20) for _ in range(1 << 10)]
"""


def _remove_group(group: Path) -> None:
    # Another run may use its own group at this time.
    for one in HIERARCHY.glob(f"{GROUP}*") if HIERARCHY.is_dir() else ():
        with contextlib.suppress(OSError):
            one.rmdir()
    with contextlib.suppress(OSError):
        group.rmdir()


class MemoryLimit:
    """A group for the processes that ask for it."""

    def __init__(self, host: Host) -> None:
        """Make the group, or limit the unit."""
        self.group = HIERARCHY / f"{GROUP}-{host.leader}"
        self.has_group = (HIERARCHY / "memory.limit_in_bytes").exists()
        self._end = threading.Event()
        if self.has_group:
            self.group.mkdir(exist_ok=True)
            (self.group / "memory.limit_in_bytes").write_text(str(LIMIT))
        else:
            host.write("/etc/systemd/system/diting@.service.d/memory.conf", DROP_IN)
            host.must("systemctl", "daemon-reload")
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        while self.has_group and not self._end.wait(0.02):
            for comm in Path("/proc").glob("[0-9]*/comm"):
                # The process may end at any time.
                with contextlib.suppress(OSError):
                    if comm.read_text().strip() == ASKS:
                        (self.group / "cgroup.procs").write_text(comm.parent.name)

    def kills(self) -> int:
        """Return how many processes the kernel has killed; -1 where it does not tell."""
        if not self.has_group:
            return -1
        words = (self.group / "memory.oom_control").read_text().split()
        return int(words[words.index("oom_kill") + 1])

    def end(self) -> None:
        """Remove the group."""
        self._end.set()
        self.thread.join()
        if self.has_group:
            _remove_group(self.group)


@contextlib.contextmanager
def memory_limit(host: Host) -> Iterator[MemoryLimit]:
    """Limit the memory of processes that ask for it."""
    limit = MemoryLimit(host)
    try:
        yield limit
    finally:
        limit.end()
