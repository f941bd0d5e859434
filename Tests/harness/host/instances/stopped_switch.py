"""A switch that stops or fails at a chosen place.

strace(1) sends a signal to the tool when it makes a system call for the n-th time, so that the tool
can be killed or lose its power exactly there, or lets the call fail.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from harness.host.instances.instance_store import InstanceStore
    from harness.processes import Run

# The calls with which a switch changes something: the journal, the links, and what it starts.
CALLS = (
    *("pwrite64", "fdatasync", "fsync", "rename", "renameat", "renameat2", "symlink", "symlinkat"),
    *("unlink", "unlinkat", "connect", "clone", "clone3", "vfork", "kill"),
    *("link", "linkat", "mkdir", "mkdirat", "ftruncate", "openat"),
)
# Only those of these calls that make a file are places.
OPENS = {"openat"}
Chosen = TypeVar("Chosen")
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

    def injecting(self, what: str, count: str = "") -> list[str]:
        """Return the options of strace for a signal or an error at this place.

        count: "+" for all calls of this name from then on, too.
        """
        inject = f"inject={self.call}:{what}:when={self.number}{count}"
        return ["-e", f"trace={self.call}", "-e", inject]


def _traced(store: InstanceStore, options: list[str], words: list[str]) -> list[str]:
    return store.host.command_as(store.owner, "strace", "-qq", *options, *store.words(*words))


def places(store: InstanceStore, *words: str, status: int = 0) -> list[Place]:
    """Run a command of the tool to its end, and return the places where it can be stopped."""
    log = f"/tmp/calls-{words[0]}-{words[-1].replace('/', '-')}"
    options = ["-o", log, "-s", "400", "-e", f"trace={','.join(CALLS)}"]
    run = store.host.run(_traced(store, options, list(words)))
    if run.status != status:
        raise RuntimeError(f"{words}: {run}")
    found, counts = [], Counter[str]()
    for line in store.host.must("cat", log).splitlines():
        if match := LINE.match(line):
            counts[match[1]] += 1
            if match[1] not in OPENS or "O_CREAT" in line:
                found.append(Place(match[1], counts[match[1]], line))
    return found


def run_at(store: InstanceStore, place: Place, what: str, *words: str, count: str = "") -> Run:
    """Run a command of the tool to its end, with a signal or an error at a place.

    what: as strace(1) says it: signal=KILL, or error=EIO.
    count: "+" for all calls of this name from then on, too.
    """
    options = ["-o", "/dev/null", *place.injecting(what, count)]
    return store.host.run(_traced(store, options, list(words)))


def spread(found: list[Chosen], count: int) -> list[Chosen]:
    """Choose places from the first to the last one."""
    if len(found) <= count:
        return found
    if count == 1:
        return found[-1:]
    return [found[round(number * (len(found) - 1) / (count - 1))] for number in range(count)]


def failing(store: InstanceStore, place: Place, error: str, count: str, *words: str) -> Run:
    """Run a command of the tool in which the call at a place fails with an error.

    count: "" for only this call, "+" for all calls of this name from then on.
    """
    return run_at(store, place, f"error={error}", *words, count=count)


class Interrupted:
    """A command of the tool that gets a signal at a place."""

    LOG = "/tmp/interrupted-switch"

    def __init__(self, store: InstanceStore, place: Place, signal: str, *words: str) -> None:
        """Start it."""
        self.store = store
        store.host.must("rm", "-f", self.LOG)
        options = ["-o", self.LOG, *place.injecting(f"signal={signal}")]
        self.process = store.host.begin(_traced(store, options, list(words)))

    def calls(self) -> list[str]:
        """Return what strace has written: the calls, the signals and the end."""
        return self.store.host.inside("cat", self.LOG).output.splitlines()

    def is_stopped(self) -> bool:
        """Return whether the tool was stopped at its place."""
        return any(line.startswith("--- stopped by SIGSTOP") for line in self.calls())

    def last_call(self) -> str:
        """Return the call at which the tool got the signal."""
        return next((line for line in reversed(self.calls()) if LINE.match(line)), "none")
