"""Tests that this version understands the stores of an earlier one.

    old_stores make BINARY ARCHIVE     write the fixture with the binary of that version
    old_stores check BINARY ARCHIVE    recover and use each store with this version's binary

The fixture has, for every scenario of the crash suite, the whole store and the store after a kill
at each flush, and the state to which the earlier version itself recovered it. A store that this
version recovers to anything else was misread.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import oracle
from harness.assertions import BrokenPromise, SetupFailed, expect
from harness.command_line import absolute_path, run_suite
from harness.crash.course import Course
from harness.crash.preparations import nothing
from harness.crash.scenarios import SCENARIOS
from harness.crash.tracing import FLUSHES, KILLED, watch
from harness.mounts import mount, unmount
from harness.oracle import State
from harness.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

# The file of a fixture that has the states of its stores, by their names.
INDEX = "states.json"


def legal_state(name: str, recorded: State) -> State:
    """Return the state after recovery.

    0.1 marked the target of an interrupted rollback bad, and left `previous` when only `current`
    was moved.
    """
    if name.startswith("recover-drift"):
        return replace(recorded, previous="3")
    if not name.startswith("rollback-confirmed") or recorded.current != "3":
        return recorded
    return replace(recorded, previous="2").with_release("2", "ready")


@contextmanager
def memory() -> Iterator[Path]:
    """Make a temporary directory, in memory where that is possible, since no power is cut here."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        work.chmod(0o755)
        if os.geteuid() == 0:
            mount("tmpfs", "old-stores", work, "mode=755")
        try:
            yield work
        finally:
            unmount(work)


def interrupted(course: Course, work: Path) -> Iterator[Store]:
    """Yield the store after the command, and after a kill at each of its flushes."""
    watched = course.start.copy(work / "watched")
    _, calls = watch(watched, course.words, work / "log")
    yield watched
    for call in calls:
        if call.name not in FLUSHES:
            continue
        store = course.start.copy(work / "killed")
        if store.run(*course.words, launcher=call.killing()).status != KILLED:
            raise SetupFailed(f"{course.scenario.name} is killed at {call}")
        yield store


def make(binary: Path, archive: Path) -> None:
    """Write the fixture."""
    states: dict[str, dict[str, object]] = {}
    with memory() as work, tarfile.open(archive, "w:xz") as fixture:
        for scenario in SCENARIOS:
            if scenario.files or scenario.make is nothing:
                continue
            course = Course.make(scenario, binary, work / "course")
            for number, store in enumerate(interrupted(course, work)):
                if not (store.path / ".releases").exists():
                    continue
                name = f"{scenario.name.replace(' ', '-').replace(',', '')}-{number}"
                fixture.add(store.path, arcname=name)
                recovered = store.copy(work / "recovered")
                recovered.must(*scenario.recovery)
                states[name] = asdict(oracle.expect_in_order(recovered.path))
        index = work / INDEX
        index.write_text(json.dumps(states, indent=1, sort_keys=True), "utf-8")
        fixture.add(index, arcname=INDEX)
    print(f"{len(states)} stores in {archive.name}, {archive.stat().st_size >> 10} KiB")


def expect_usable(store: Store) -> None:
    """Expect that the usual commands work on a store."""
    for words in (("status",), ("list",), ("history",), ("verify", "--all")):
        run = store.run(*words)
        expect(run.status in (0, 7), f"{words[0]} succeeds: {run}")
    if not (store.path / ".releases/freeze.json").exists():
        # The scenario's own hooks fail on purpose.
        store.write("releases.yaml", "keep: {count: 3}\n")
        store.publish("after")
        store.must("activate", "after")
    oracle.expect_in_order(store.path)


def check(binary: Path, archive: Path) -> int:
    """Recover and use each store of a fixture; return the number of those that were misread."""
    violations = 0
    with memory() as work:
        with tarfile.open(archive) as fixture:
            fixture.extractall(work)
        states = json.loads((work / INDEX).read_text("utf-8"))
        for name, facts in states.items():
            store = Store(binary, work / name)
            facts["releases"] = tuple(tuple(pair) for pair in facts["releases"])
            recovery = ("init",) if name.startswith("adopt-") else ("recover",)
            try:
                oracle.judge(store, [legal_state(name, State(**facts))], recovery)
                expect_usable(store)
            except (BrokenPromise, SetupFailed) as error:
                violations += 1
                print(f"{name}: {error}", file=sys.stderr)
    print(f"old stores: {len(states)} of {archive.stem.removesuffix('.tar')}: {violations} misread")
    return violations


def main() -> int:
    """Run the suite."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mode", choices=["make", "check"])
    parser.add_argument("binary", type=absolute_path)
    parser.add_argument("archive", type=Path)
    options = parser.parse_args()
    if options.mode == "make":
        make(options.binary, options.archive)
        return 0
    return 1 if check(options.binary, options.archive) else 0


if __name__ == "__main__":
    run_suite(main)
