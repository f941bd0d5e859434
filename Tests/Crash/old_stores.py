"""Stores of an earlier version, whole and interrupted at each flush: this version understands them.

    old_stores.py make BINARY ARCHIVE     with the binary of that version: writes the fixture
    old_stores.py check BINARY ARCHIVE    with this version's binary: recovers and uses each store

The fixture holds, for every scenario of the crash suite, the store after each kill, and the state
to which the earlier version itself recovered it. A store that this version recovers to anything
else was misread.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import oracle
from oracle import State
from scenarios import SCENARIOS, Course
from store import Broken, Store, mounted, unmounted
from tracing import FLUSHES, KILLED, watch

# What a fixture says of its stores, by their names.
INDEX = "states.json"


@contextmanager
def memory() -> Iterator[Path]:
    """A temporary directory, in memory where that is possible, since no power is cut here."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        work.chmod(0o755)
        if os.geteuid() == 0:
            mounted("tmpfs", "old-stores", work, "mode=755")
        try:
            yield work
        finally:
            unmounted(work)


def interrupted(course: Course, work: Path) -> Iterator[Store]:
    """Copies of the course's store, the command killed as it was about to make each flush."""
    watched = course.start.copy(work / "watched")
    _, calls = watch(watched, course.words, work / "log")
    yield watched
    for call in calls:
        if call.name not in FLUSHES:
            continue
        store = course.start.copy(work / "killed")
        if store.run(*course.words, launcher=call.killing()).status != KILLED:
            raise Broken(f"{course.scenario.name} is killed at {call}")
        yield store


def make(binary: str, archive: Path) -> None:
    """Writes the fixture."""
    states: dict[str, dict] = {}
    with memory() as work:
        # The files of a fixture do not tell when it was made, but for what the stores hold.
        with tarfile.open(archive, "w:xz") as fixture:
            for scenario in SCENARIOS:
                if scenario.files or scenario.make.__name__ == "nothing":
                    continue
                course = Course.make(scenario, binary, work / "course")
                for number, store in enumerate(interrupted(course, work)):
                    if not (store.path / ".releases").exists():
                        continue
                    name = f"{scenario.name.replace(' ', '-').replace(',', '')}-{number}"
                    fixture.add(store.path, arcname=name)
                    recovered = store.copy(work / "recovered")
                    recovered.do(*scenario.settle)
                    states[name] = asdict(oracle.expect_settled(recovered.path))
            index = work / INDEX
            index.write_text(json.dumps(states, indent=1, sort_keys=True), "utf-8")
            fixture.add(index, arcname=INDEX)
    print(f"{len(states)} stores in {archive.name}, {archive.stat().st_size >> 10} KiB")


def use(store: Store) -> None:
    """Does what a person does next; everything must work."""
    for words in (("status",), ("list",), ("history",), ("verify", "--all")):
        if store.run(*words).status not in (0, 7):
            raise oracle.Violation(f"{words[0]} works: {store.run(*words)}")
    if not (store.path / ".releases/freeze.json").exists():
        # The scenario's own hooks fail on purpose.
        store.write("releases.yaml", "keep: {count: 3}\n")
        store.publish("after")
        store.do("activate", "after")
    oracle.expect_settled(store.path)


def check(binary: str, archive: Path) -> int:
    """Recovers and uses each store of a fixture; the number of those that were misread."""
    violations = 0
    with memory() as work:
        with tarfile.open(archive) as fixture:
            fixture.extractall(work)
        states = json.loads((work / INDEX).read_text("utf-8"))
        for name, facts in states.items():
            store = Store(binary, work / name)
            facts["releases"] = tuple(tuple(pair) for pair in facts["releases"])
            settle = ("init",) if name.startswith("adopt-") else ("recover",)
            try:
                oracle.judge(store, [State(**facts)], settle)
                use(store)
            except (oracle.Violation, Broken) as error:
                violations += 1
                print(f"{name}: {error}", file=sys.stderr)
    print(f"{len(states)} stores of {archive.stem.removesuffix('.tar')}: {violations} misread")
    return violations


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["make", "check"])
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("archive", type=Path)
    options = parser.parse_args()
    if options.mode == "make":
        make(options.binary, options.archive)
        return 0
    return 1 if check(options.binary, options.archive) else 0


if __name__ == "__main__":
    sys.exit(main())
