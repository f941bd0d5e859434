"""What a scenario of the crash suite is: a command, its store, and the states it may end in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

from harness.crash.preparations import Interruption, four_releases, journal_lost, leave_as_made
from harness.oracle import State

if TYPE_CHECKING:
    from harness.store import Store

EMPTY = State(None, None, ())


def no_other_ends(_: State) -> list[State]:
    """Return no state besides the beginning and the end."""
    return []


@dataclass(frozen=True)
class Scenario:
    """A command, and how its store is prepared."""

    name: str
    # NEW stands for the archive of a release of that name.
    words: tuple[str, ...]
    prepare: Callable[[Store], object] = leave_as_made
    # States besides the beginning and the end, made from the beginning.
    other_ends: Callable[[State], list[State]] = no_other_ends
    # The exit status without an interruption: 10 for a switch that is rolled back.
    status: int = 0
    # A second command, right after the first.
    then: tuple[str, ...] = ()
    # The command makes several transactions, and may finish some of them.
    is_several: bool = False
    # The command makes several removals, and any of them may have happened.
    is_piecemeal: bool = False
    # The number of files in the archive, besides some others.
    files: int = 0
    # The command that recovers from an interruption.
    recovery: tuple[str, ...] = ("recover",)
    make: Callable[[Store], None] = four_releases

    @property
    def may_rebuild(self) -> bool:
        """Whether it makes the journal, or begins without one."""
        if isinstance(self.prepare, Interruption):
            words = (*self.words, *self.prepare.words)
            return "init" in words or self.prepare.first is journal_lost
        return "init" in self.words or self.prepare is journal_lost

    @property
    def is_plain_switch(self) -> bool:
        """Whether it only moves the links, and nothing has to confirm it."""
        is_switch = self.words[0] in ("activate", "rollback")
        return is_switch and not self.other_ends(EMPTY) and self.status == 0

    @property
    def is_all_or_nothing(self) -> bool:
        """Whether what it reports as failed is not done later, not even by a recovery."""
        return not self.is_several and not self.then and self.words[0] not in ("init", "recover")


def release_is(identity: str, *states: str) -> Callable[[State], list[State]]:
    """Return the ends in which one release has one of these states."""
    return lambda before: [before.with_release(identity, state) for state in states]


def after_first_switch(before: State) -> list[State]:
    """Return the end after the first of two switches."""
    return [replace(before, current="4", previous="3")]


def rolled_back_unconfirmed(before: State) -> list[State]:
    """Return the end of a rollback that is undone: its target was good before and stays good."""
    return [before]
