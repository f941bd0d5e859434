"""Real unpack workers that wait for their archive, on hosts with and without Landlock."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.assertions import SetupFailed
from harness.processes import MINIMAL_ENVIRONMENT, descendants, proc_text, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.store import Store

# The first two bytes of gzip: the worker waits for more before it decodes anything.
BEGINNING = b"\x1f\x8b"
LANDLOCK = "landlock_create_ruleset"
PATIENCE = 30.0


def as_user(user: int) -> list[str]:
    """Return the program that runs another as a user and their group alone."""
    return ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]


@dataclass(frozen=True)
class Host:
    """A host on which a worker runs.

    version: the version of Landlock that the kernel claims; None for its own, 0 for none.
    has_namespaces: whether unshare(2) and chroot(2) work.
    is_confined: whether the worker can make no names outside its stage.
    """

    name: str
    version: int | None = None
    has_namespaces: bool = True
    is_confined: bool = True
    # The first version of Landlock permits no hard links between directories.
    has_links: bool = True

    @property
    def launcher(self) -> list[str]:
        """Return the program that changes what the kernel answers, until it is terminated."""
        changes = []
        if self.version == 0:
            changes.append(f"{LANDLOCK}:error=ENOSYS")
        elif self.version is not None:
            # The worker asks once to choose, and once to confine itself.
            changes.append(f"{LANDLOCK}:retval={self.version}:when=1..2")
        if not self.has_namespaces:
            changes += ["unshare:error=EPERM", "chroot:error=EPERM"]
        if not changes:
            return []
        calls = f"{LANDLOCK},landlock_restrict_self,unshare,chroot"
        words = ["strace", "-I", "1", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}"]
        return words + [word for change in changes for word in ("-e", f"inject={change}")]


HOSTS = [
    Host("this kernel"),
    *(Host(f"Landlock {version}", version) for version in range(2, 7)),
    Host("Landlock 1", 1),
    Host("no Landlock", 0),
    Host("Landlock 1, no namespaces", 1, has_namespaces=False, has_links=False),
    Host("no Landlock, no namespaces", 0, has_namespaces=False, is_confined=False),
]


def workers_of(pid: int) -> list[int]:
    """Return the processes of the worker beneath a process."""
    command = ["releases", "unpack-worker"]
    return [
        child
        for child in descendants(pid)
        if proc_text(child, "cmdline").split("\0")[:2] == command
    ]


def is_sandboxed(pid: int) -> bool:
    """Return whether a filter of system calls is active in a process that waits."""
    text = proc_text(pid, "status")
    return "Seccomp:\t2" in text and "State:\tS" in text


@contextmanager
def waiting_command(
    store: Store, host: Host, user: int
) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """Start a command that unpacks, and yield it with the processes of its worker.

    They wait in their sandboxes for the rest of the archive.
    """
    command = [*host.launcher, *as_user(user), *store.command("unpack", "-")]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=MINIMAL_ENVIRONMENT
    )
    started: list[int] = []
    try:
        assert process.stdin
        process.stdin.write(BEGINNING)
        process.stdin.flush()

        def is_ready() -> bool:
            workers = workers_of(process.pid)
            return bool(workers) and all(is_sandboxed(pid) for pid in workers)

        if not wait_until(is_ready, PATIENCE):
            raise SetupFailed(f"{host.name}: no worker in its sandbox: {workers_of(process.pid)}")
        # The process between a worker in namespaces and its parent starts it before its own filter.
        time.sleep(0.1)
        started = descendants(process.pid)
        workers = workers_of(process.pid)
        if host.launcher:
            # Only one process can trace another. The sandbox stays as it is.
            process.send_signal(signal.SIGTERM)
            process.wait()
        yield process, workers
    finally:
        for pid in started:
            subprocess.run(["kill", "-KILL", str(pid)], stderr=subprocess.DEVNULL)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()
