"""A trial of something that hosts do to a store beside stopping it, and what must hold then."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import oracle
from matrix import Tally
from oracle import State, Violation, expect
from scenarios import four, killed_at
from store import Broken, Run, Store

INTERRUPTED = killed_at("renameat#2", "activate", "4")


@dataclass(frozen=True)
class Trial:
    """A hardship, and the ways in which it is done to a store that `four` of scenarios.py made."""

    run: Callable[[Store, str], None]
    ways: tuple[str, ...]


def attempt(
    name: str, trial: Trial, binary: str, work: Path, only: str | None = None
) -> Tally:
    """All ways of one trial, each with a store of its own."""
    if os.geteuid() != 0:
        raise Broken("hardships take root, for what is mounted")
    tally = Tally(name, "")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    start = Store(binary, work / "start")
    four(start)
    for way in trial.ways:
        if only not in (None, way):
            continue
        tally.points += 1
        try:
            trial.run(start.copy(work / "tried/store"), way)
        except Violation as violation:
            tally.note(way, str(violation))
        shutil.rmtree(work / "tried")
    return tally


def works(store: Store, *words: str) -> Run:
    """Runs a command that is promised to do its work."""
    run = store.run(*words)
    expect(run.status == 0, f"{words[0]} works: {run}")
    return run


def expect_works(store: Store) -> None:
    """All that one does with a store, of which 4 is live or may be."""
    works(store, "recover")
    for words in (("list",), ("show", "1"), ("history",), ("verify", "--all")):
        works(store, *words)
    status = store.run("status", "--json")
    expect(status.status in (0, 7) and "live" in json.loads(status.output), f"status: {status}")
    works(store, "activate", "1")
    works(store, "activate", "2")
    works(store, "rollback")
    found = oracle.expect_settled(store.path)
    expect(found.current == "1", f"a rollback leads back: {found}")


def switched(before: State, identity: str) -> State:
    return State(identity, before.current, before.releases)


def settled_switch(store: Store, before: State) -> None:
    """What became of `activate 4`: all of it or nothing."""
    oracle.judge(store, [before, switched(before, "4")])
