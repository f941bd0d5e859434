"""An exhaustive model of what a power cut may leave of a command's own steps.

The steps are those of a real run, by strace(1). From them all states are made that a file system
may have on its disk at any moment, and each is handed to the real recovery and judged. Two sets of
rules are tried:

ordered: changes of names reach the disk in their order, as with the journals of ext4, XFS and
         btrfs; what was written to files does as it likes until it is flushed
free:    names of different directories, and of the same one, do as they like too, until their
         directory is flushed, as POSIX allows; a rename is whole or not at all
resumed: free, of a recovery, for each flush at which the command may have been killed before: what
         that had changed and not flushed must not be taken for lasting. Where more may be on the
         disk than can be tried, some of it, as a seed says
"""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import oracle
from matrix import Tally
from oracle import Violation, expect
from scenarios import BY_NAME, NEW, Course, Interruption, Scenario, resumed
from steps import Acknowledged, Flush, Started, Step, Trace, apply
from store import Store, pack
from tracing import CHANGING, FLUSHES, watch

RULES = ["ordered", "free", "resumed"]
# What prepare hooks make.
OUTPUT = "built"
# Of writes under way at the same time that are all tried; more have never been seen in one command.
MOST = 12
# Of states at one moment of a recovery.
DRAWN = 48


class Model:
    """All states of one scenario under one set of rules; where there is chance, at most some."""

    def __init__(
        self, scenario: Scenario, rules: str, binary: str, work: Path,
        chance: random.Random | None = None
    ):
        self.rules = rules
        self.chance = chance
        self.work = work
        self.course = Course.make(scenario, binary, work)
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
        # How many steps what was killed had made.
        self.before_death = len(Trace(lines, self.traced.path).steps)
        for words in self.course.all_words():
            run = self.traced.run(*words, launcher=launcher)
            expect(run.status == scenario.status, f"{scenario.name} can be traced: {run}")
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
        self.interruption.first(start)
        return start

    @property
    def words(self) -> tuple[str, ...]:
        """Of the command that does the work: recovery only settles it."""
        return self.interruption.words if self.interruption else self.course.words

    def _with_others(self, steps: list) -> list:
        """Adds what strace did not see: what the worker wrote, where its directory was made, and
        what the prepare hook did, where it was started."""
        found = []
        tree = self._unpacked()
        output = f"releases/{self.words[-1]}/{OUTPUT}"
        made = self.traced.path / output
        is_due = made.exists() and "--id" not in self.words
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

    def states(self, since: int = 0) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
        """How many commands were acknowledged before, and which steps are on the disk, and how
        much of each.

        since: only what may be found after as many steps.
        """
        seen = set()
        done: set[int] = set()
        pending: list[int] = []
        acknowledged = 0
        for number, step in enumerate([*self.steps, None]):
            for chosen in self._subsets(pending):
                state = tuple(sorted([*((n, 0) for n in done), *chosen]))
                if (acknowledged, state) not in seen:
                    seen.add((acknowledged, state))
                    if number >= since:
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
        if self.chance and 2 ** len(names) * 4 ** len(contents) > DRAWN:
            for _ in range(DRAWN):
                yield (*((n, 0) for n in names if self.chance.random() < 0.5),
                       *((n, part) for n in contents
                         if (part := self.chance.randrange(-1, 3)) >= 0))
            return
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

    def run(self, only: str | None, tally: Tally, since: int = 0, death: str = "") -> None:
        """Judges all states, or only one.

        death: the call at which it was killed, where that has to be told.
        """
        for acknowledged, state in self.states(since):
            steps = " ".join(f"{n}/{part}" if part else str(n) for n, part in state) or "nothing"
            where = f"{death} {steps}".strip()
            if only not in (None, where):
                continue
            try:
                tally.points += self._judge(acknowledged, state)
            except Violation as violation:
                tally.points += 1
                tally.note(f"left at {where}", str(violation))

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
        if self.interruption and (self.start.path / ".releases").exists():
            legal.append(oracle.state(self.start.path))
        if acknowledged:
            legal = [end for end in legal if end != course.before]
        settle = course.scenario.settle
        if acknowledged == len(course.all_words()):
            # Nothing is left to be done again.
            legal, settle = [course.after], ("recover",)
        oracle.judge(store, legal, settle, course.scenario.may_rebuild)
        return True


def model(
    name: str, rules: str, binary: str, work: Path, seed: int, share: float = 1.0,
    only: str | None = None
) -> Tally:
    """Tries all states of a scenario, or only one.

    share: of the flushes at which it is killed.
    """
    scenario = BY_NAME[name]
    tally = Tally(name, rules)
    if rules != "resumed":
        Model(scenario, rules, binary, work).run(only, tally)
        return tally
    course = Course.make(scenario, binary, work / "whole")
    store = course.start.copy(work / "watched")
    _, calls = watch(store, course.words, work / "log")
    flushes = [call for call in calls if call.name in FLUSHES]
    if share < 1 and not only:
        count = max(1, round(share * len(flushes)))
        flushes = random.Random(f"{seed} {name}").sample(flushes, min(count, len(flushes)))
    for call in flushes:
        death = str(call)
        if only and only.split()[0] != death:
            continue
        chance = random.Random(f"{seed} {name} {death}")
        trial = Model(resumed(course, call), "free", binary, work / "killed", chance)
        trial.run(only, tally, trial.before_death + 1, death)
    return tally
