"""An exhaustive model of what a power cut may leave of a command's own steps.

The steps are those of a real run, by strace(1). From them all states are made that a file system
may have on its disk at any moment, and each is handed to the real recovery and judged. Two sets of
rules are tried:

ordered: changes of names reach the disk in their order, as with the journals of ext4, XFS and
         btrfs; what was written to files does as it likes until it is flushed
free:    names of different directories, and of the same one, do as they like too, until their
         directory is flushed, as POSIX allows; a rename is whole or not at all
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import oracle
from matrix import Tally
from oracle import Violation, expect
from scenarios import BY_NAME, NEW, Course, Interruption
from steps import Acknowledged, Flush, Started, Step, Trace, apply
from store import Store, pack
from tracing import CHANGING

RULES = ["ordered", "free"]
# What prepare hooks make.
OUTPUT = "built"
# Of writes under way at the same time; more have never been seen.
MOST = 12


class Model:
    """All states of one scenario under one set of rules."""

    def __init__(self, scenario: str, rules: str, binary: str, work: Path):
        self.rules = rules
        self.work = work
        self.course = Course.make(BY_NAME[scenario], binary, work)
        self.start = self._start()
        self.traced = self.start.copy(work / "traced")
        log = work / "log"
        calls = ",".join([*CHANGING, "openat", "clone", "clone3"])
        launcher = ["strace", "-y", "-xx", "-s", "65536", "-o", str(log), "-e", f"trace={calls}"]
        lines: list[str] = []
        if self.interruption:
            self.interruption.happen(
                self.traced, [*launcher, "-e", self.interruption.call.death])
            lines += log.read_text("utf-8").splitlines()
        for words in self.course.all_words():
            run = self.traced.run(*words, launcher=launcher)
            expect(run.status == self.course.scenario.status, f"{scenario} can be traced: {run}")
            lines += log.read_text("utf-8").splitlines()
        self.steps = self._with_others(Trace(lines, self.traced.path).steps)

    @property
    def interruption(self) -> Interruption | None:
        prepare = self.course.scenario.prepare
        return prepare if isinstance(prepare, Interruption) else None

    def _start(self) -> Store:
        """A store from before what was interrupted: none of that may have reached the disk yet."""
        if not self.interruption:
            return self.course.start
        start = Store(self.course.start.binary, self.work / "beginning")
        self.course.scenario.make(start)
        return start

    def _with_others(self, steps: list) -> list:
        """Adds what strace did not see: what the worker wrote, where its directory was made, and
        what the prepare hook did, where it was started."""
        found = []
        tree = self._unpacked()
        output = f"releases/{self.course.words[-1]}/{OUTPUT}"
        made = self.traced.path / output
        is_due = made.exists() and "--id" not in self.course.words
        for step in steps:
            found.append(step)
            if isinstance(step, Started) and is_due:
                found.append(Step("output", (output,), output, target=str(made)))
                is_due = False
            elif isinstance(step, Step) and step.path.endswith("/tree"):
                if step.kind == "directory":
                    found.append(Step("tree", (step.path,), step.path, target=str(tree)))
                is_due = step.kind == "rename" and made.exists()
        return found

    def _unpacked(self) -> Path:
        """What a worker writes."""
        tree = self.work / "unpacked"
        tree.mkdir()
        archive = pack(self.work / "again.tar.gz", "new", NEW)
        subprocess.run(["tar", "-xpzf", archive, "-C", tree], check=True)
        return tree

    def states(self) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
        """How many commands were acknowledged before, and which steps are on the disk, and how
        much of each."""
        seen = set()
        done: set[int] = set()
        pending: list[int] = []
        acknowledged = 0
        for number, step in enumerate([*self.steps, None]):
            for chosen in self._subsets(pending):
                state = tuple(sorted([*((n, 0) for n in done), *chosen]))
                if (acknowledged, state) not in seen:
                    seen.add((acknowledged, state))
                    yield acknowledged, state
            if isinstance(step, Step):
                pending.append(number)
            elif isinstance(step, Flush):
                flushed = {n for n in pending if self._lasts(n, step, pending)}
                done |= flushed
                pending = [n for n in pending if n not in flushed]
            elif isinstance(step, Acknowledged):
                acknowledged += 1

    def _lasts(self, number: int, flush: Flush, pending: list[int]) -> bool:
        step = self.steps[number]
        if flush.place is None or flush.place in step.places:
            return True
        if self.rules == "ordered":
            # A journal takes all names along.
            return not step.is_content
        # A file that is flushed has a name; so has a directory, and what leads to it.
        return step.kind in ("create", "directory") and (
            flush.place == step.path or flush.place.startswith(step.path + "/"))

    def _subsets(self, pending: list[int]) -> Iterator[tuple[tuple[int, int], ...]]:
        names = [n for n in pending if not self.steps[n].is_content]
        contents = [n for n in pending if self.steps[n].is_content]
        expect(len(pending) <= MOST, f"at most {MOST} steps are under way: {len(pending)}")
        if self.rules == "ordered":
            some_names = [tuple(names[:count]) for count in range(len(names) + 1)]
        else:
            some_names = [some for count in range(len(names) + 1)
                          for some in itertools.combinations(names, count)]
        parts = itertools.product(*([(n, -1), (n, 0), (n, 1), (n, 2)] for n in contents))
        for written in parts:
            arrived = [(n, part) for n, part in written if part >= 0]
            for some in some_names:
                yield (*((n, 0) for n in some), *arrived)

    def run(self, only: str | None = None) -> Tally:
        tally = Tally(self.course.scenario.name, self.rules)
        for acknowledged, state in self.states():
            where = " ".join(f"{n}/{part}" if part else str(n) for n, part in state)
            if only is not None and only != where:
                continue
            try:
                tally.points += self._judge(acknowledged, state)
            except Violation as violation:
                tally.points += 1
                tally.note(f"left at {where or 'nothing'}", str(violation))
        return tally

    def _judge(self, acknowledged: int, state: tuple[tuple[int, int], ...]) -> bool:
        """False for a state that can't be: a step would have nothing to work on."""
        course = self.course
        store = Store(course.start.binary, self.work / "state")
        self.start.copy(store.path)
        try:
            for number, part in state:
                apply(self.steps[number], part, store.path)
        except (FileNotFoundError, FileExistsError, NotADirectoryError, OSError):
            return False
        legal = course.legal()
        if self.interruption:
            legal.append(oracle.state(self.start.path))
        if acknowledged:
            legal = [end for end in legal if end != course.before]
        settle = course.scenario.settle
        if acknowledged == len(course.all_words()):
            # Nothing is left to be done again.
            legal, settle = [course.after], ("recover",)
        oracle.judge(store, legal, settle, course.scenario.may_rebuild)
        return True
