"""What an adverse condition is, how it is tried, and what has to hold then."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from harness import oracle
from harness.archives import pack_files
from harness.assertions import BrokenPromise, SetupFailed, expect
from harness.crash.preparations import BY_REASON, NEW, four_releases, killed_at, with_archive
from harness.crash.scenarios import DEPLOY, PRUNE, UNPACK
from harness.crash.tally import Tally
from harness.oracle import State
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.processes import Run

INTERRUPTED = killed_at("renameat#2", "activate", "4")
COMMANDS: dict[str, tuple[str, ...]] = {
    "activate": ("activate", "4"),
    "rollback": ("rollback",),
    "unpack": UNPACK,
    "deploy": DEPLOY,
    "prune": PRUNE,
    "remove": ("remove", "1"),
    "pin": ("pin", "1", *BY_REASON),
    "mark": ("mark", "1", "bad", *BY_REASON),
    "freeze": ("freeze", *BY_REASON),
}


@dataclass(frozen=True)
class Condition:
    """A condition, and the ways in which it is tried on the store that four_releases() makes."""

    run: Callable[[Store, str], None]
    ways: tuple[str, ...]


def try_condition(
    name: str, condition: Condition, binary: Path, work: Path, only: str | None = None
) -> Tally:
    """Try all ways of one condition, each on a store of its own, or only one of them."""
    if os.geteuid() != 0:
        raise SetupFailed("conditions take root, since they mount file systems")
    tally = Tally(name, "")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    start = Store(binary, work / "start")
    four_releases(start)
    for way in condition.ways:
        if only not in (None, way):
            continue
        tally.points += 1
        try:
            condition.run(start.copy(work / "tried/store"), way)
        except BrokenPromise as broken:
            tally.note(way, str(broken))
        shutil.rmtree(work / "tried")
    return tally


def command_words(name: str, store: Store) -> tuple[str, ...]:
    """Return a command, whose archive is beside the store at the beginning."""
    archive = store.path.parent / "new.tar.gz"
    if not archive.exists():
        pack_files(archive, NEW)
    return with_archive(COMMANDS.get(name, (name,)), archive)


def state_after(store: Store, words: tuple[str, ...]) -> State:
    """Return the state after a command that nothing prevents."""
    unhindered = store.copy(store.path.with_name("unhindered"))
    unhindered.must(*words)
    return oracle.state(unhindered.path)


def succeeds(store: Store, *words: str) -> Run:
    """Run a command that has to succeed."""
    run = store.run(*words)
    expect(run.status == 0, f"{words[0]} succeeds: {run}")
    return run


def expect_refused(run: Run) -> None:
    """Expect that a command failed and printed an error."""
    expect(run.status not in (0, 11), f"the command is refused: {run}")
    expect("error:" in run.errors and run.output == "", f"a failure prints an error: {run}")


def expect_unchanged(run: Run, before: State, store: Store) -> None:
    """Expect that a command failed and changed nothing."""
    expect_refused(run)
    expect(oracle.state(store.path) == before, f"the store is as it was: {run}")


def expect_usable(store: Store) -> None:
    """Expect that all commands work on a store, of which 4 is live or may be."""
    succeeds(store, "recover")
    for words in (("list",), ("show", "1"), ("history",), ("verify", "--all")):
        succeeds(store, *words)
    status = store.run("status", "--json")
    expect(status.status in (0, 7) and "live" in status.json, f"status reports: {status}")
    succeeds(store, "activate", "1")
    succeeds(store, "activate", "2")
    succeeds(store, "rollback")
    found = oracle.expect_in_order(store.path)
    expect(found.current == "1", f"a rollback makes 1 live again: {found}")


def switched(before: State, identity: str) -> State:
    """Return the state after a switch."""
    return State(identity, before.current, before.releases)


def expect_whole_switch(store: Store, before: State) -> None:
    """Recover, and expect that `activate 4` was done as a whole or not at all."""
    oracle.judge(store, [before, switched(before, "4")])
