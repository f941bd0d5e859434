"""Chooses the commands of concurrent workers, and says how each of them may end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from harness.assertions import expect
from harness.crash.preparations import BY_REASON
from harness.processes import shortened
from harness.tool_messages import UNKNOWN_RELEASE

if TYPE_CHECKING:
    import random

KILLED = -9
# Success, a refusal, a release that is gone by then, and a lock that was held for too long.
COMMON = {0, 3, 4, 5}
# The statuses of commands that change nothing; `status` has one for a running or interrupted one.
READERS = {"list": {0}, "status": {0, 7}, "verify": {0}, "history": {0}}
PUBLISHERS = ("unpack", "deploy")
# A switch also ends with 10, where it was rolled back.
SWITCHES = ("activate", "rollback", "deploy")


@dataclass(frozen=True)
class EndedCommand:
    """A command that has ended."""

    words: tuple[str, ...]
    pid: int
    status: int
    output: str
    errors: str

    def __str__(self) -> str:
        """Return what a person needs to see of a failure."""
        texts = f"{shortened(self.output)!r}, {shortened(self.errors)!r}"
        return f"{' '.join(self.words)}: status {self.status}, {texts}"


def expect_honest(ended: EndedCommand) -> None:
    """Expect that a command ended with one of its statuses, and reported a failure."""
    command = ended.words[0]
    allowed = READERS.get(command, COMMON | {KILLED})
    if command in SWITCHES:
        allowed = allowed | {10}
    expect(ended.status in allowed, f"the status is one of {sorted(allowed)}: {ended}")
    if ended.status in (3, 4, 5, 10):
        is_reported = "error:" in ended.errors or '"error":{' in ended.output
        expect(is_reported, f"a failure prints an error: {ended}")
    # No one puts a directory there by hand, so such a release was removed, which is status 4.
    is_unknown = UNKNOWN_RELEASE in ended.output + ended.errors
    expect(not is_unknown, f"a removed release is not reported as unknown: {ended}")
    if command in ("list", "status"):
        report = json.loads(ended.output)
        live = report["current"] if command == "list" else report["live"]
        expect(live is not None, f"a release is live at any time: {ended}")


# Chooses the next command of a worker. It gets the ID for a new release, and the IDs of the
# releases that were published last.
Turn = Callable[["random.Random", str, list[str]], tuple[str, ...]]


def unpack(_: random.Random, identity: str, __: list[str]) -> tuple[str, ...]:
    """Unpack a new release."""
    return ("unpack", "NEW", "--id", identity)


def deploy(_: random.Random, identity: str, __: list[str]) -> tuple[str, ...]:
    """Deploy a new release."""
    return ("deploy", "NEW", "--id", identity, "--json")


def switch(dice: random.Random, _: str, recent: list[str]) -> tuple[str, ...]:
    """Activate a release or roll back."""
    target = dice.choice(["latest", "previous", "1", *recent])
    return dice.choice([("activate", target, "--json"), ("rollback", "--json")])


def annotate(dice: random.Random, _: str, recent: list[str]) -> tuple[str, ...]:
    """Pin, unpin or mark a release."""
    target = dice.choice(["latest", "previous", *recent])
    return dice.choice(
        [("pin", target, *BY_REASON), ("unpin", target), ("mark", target, "good", *BY_REASON)]
    )


def remove(dice: random.Random, _: str, recent: list[str]) -> tuple[str, ...]:
    """Prune or remove releases."""
    prune = ("prune", "--keep", "4", "--keep-within", "0d")
    return dice.choice([prune, ("remove", dice.choice(recent))])


def read(dice: random.Random, _: str, __: list[str]) -> tuple[str, ...]:
    """Run a command that changes nothing."""
    return dice.choice(
        [("list", "--json"), ("status", "--json"), ("verify", "--all"), ("history",)]
    )


TURNS: list[Turn] = [unpack, unpack, deploy, switch, switch, annotate, remove, read]
