"""A switch that stops at a chosen place, so that it can be killed or lose its power exactly there.

strace(1) sends a signal to the tool when it makes a system call for the n-th time.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.processes import children, proc_text, wait_until

if TYPE_CHECKING:
    import subprocess

    from harness.host.instances.instance_store import InstanceStore

# The calls with which a switch changes something: the journal, the links, and what it starts.
CALLS = (
    *("pwrite64", "fdatasync", "fsync", "rename", "renameat", "renameat2", "symlink", "symlinkat"),
    *("unlink", "unlinkat", "connect", "clone", "clone3", "vfork", "kill"),
)
LINE = re.compile(r"^([a-z0-9]+)\(")


@dataclass(frozen=True)
class Place:
    """A system call: its name, and how often it was made before and with this one."""

    call: str
    number: int
    line: str

    def __str__(self) -> str:
        """Return a short description."""
        return f"{self.call} {self.number}: {self.line[:80]}"


def _traced(store: InstanceStore, options: list[str], words: list[str]) -> list[str]:
    return store.host.command_as(store.owner, "strace", "-qq", *options, *store.words(*words))


def places(store: InstanceStore, *words: str) -> list[Place]:
    """Run a command of the tool to its end, and return the places where it can be stopped."""
    log = f"/tmp/calls-{words[-1]}"
    run = store.host.run(_traced(store, ["-o", log, "-e", f"trace={','.join(CALLS)}"], list(words)))
    if run.status != 0:
        raise RuntimeError(f"{words}: {run}")
    found, counts = [], Counter[str]()
    for line in store.host.must("cat", log).splitlines():
        if match := LINE.match(line):
            counts[match[1]] += 1
            found.append(Place(match[1], counts[match[1]], line))
    return found


def spread(found: list[Place], count: int) -> list[Place]:
    """Choose places from the first to the last one."""
    if len(found) <= count:
        return found
    return [found[round(number * (len(found) - 1) / (count - 1))] for number in range(count)]


def begin(store: InstanceStore, place: Place, signal: str, *words: str) -> subprocess.Popen[str]:
    """Start a command of the tool that gets a signal at a place."""
    inject = f"inject={place.call}:signal={signal}:when={place.number}"
    options = ["-o", "/dev/null", "-e", f"trace={place.call}", "-e", inject]
    return store.host.begin(_traced(store, options, list(words)))


def is_stopped(process: subprocess.Popen[str]) -> bool:
    """Return whether the tool has come to the place, or has ended before."""
    tracers = children(process.pid)
    traced = [child for tracer in tracers for child in children(tracer)]
    return process.poll() is not None or any(
        re.search(r"^State:\s+[tT]", proc_text(child, "status"), re.MULTILINE) for child in traced
    )


def wait_for_stop(process: subprocess.Popen[str], seconds: float = 60) -> bool:
    """Return whether the tool stops at its place for good: strace itself stops it for moments."""
    return wait_until(
        lambda: all(wait_until(lambda: is_stopped(process), 1) for _ in range(5)), seconds
    )
