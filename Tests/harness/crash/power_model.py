"""Tries every state that a power cut may leave of a command's own steps.

The steps are those of a real run, as strace(1) recorded them. From them come all states that a file
system may have on its disk at any moment; each is given to the real recovery and judged. There are
three sets of rules:

ordered: changes of names reach the disk in their order, as with the journals of ext4, XFS and
         btrfs; the content of files does so at any time until it is flushed
free:    changes of names in one directory or in several reach the disk at any time until the
         directory is flushed, as POSIX allows; a rename is done or not done
resumed: as free, but of a recovery, for each flush at which the command may have been killed
          before: what it changed and did not flush may be missing

Where a moment has too many states, some of them are tried, which depend on the seed: always the one
with nothing that was not flushed, and the one with everything.
"""

from __future__ import annotations

import itertools
import random
import subprocess
from typing import TYPE_CHECKING

from harness import oracle
from harness.archives import pack_files
from harness.assertions import BrokenPromise, expect
from harness.crash.course import Course, resumed
from harness.crash.preparations import NEW, Interruption
from harness.crash.scenarios import BY_NAME
from harness.crash.tally import Tally
from harness.crash.traced_steps import Acknowledged, Flush, Recorded, Started, Step, Trace, apply
from harness.crash.tracing import CHANGING, FLUSHES, watch
from harness.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.crash.scenario import Scenario

# The number of a step, and which part of it is on the disk, see apply().
Arrived = tuple[int, int]
RULES = ["ordered", "free", "resumed"]
# The file that prepare hooks make.
OUTPUT = "built"
# So many steps may be under way at one moment of a command.
MOST_STEPS = 16
# So many states of one moment of a command are tried, or a share of them.
STATES_PER_MOMENT = 8192
# So many states of one moment of a recovery are tried.
STATES_OF_RECOVERY = 48


class Model:
    """All states of one scenario under one set of rules, or a share of them."""

    def __init__(
        self,
        scenario: Scenario,
        rules: str,
        binary: Path,
        work: Path,
        chance: random.Random,
        most: int,
    ) -> None:
        """Run the command, and record its steps.

        chance: what chooses states where a moment has too many.
        most: how many states of one moment are tried.
        """
        self.rules = rules
        self.chance, self.most = chance, most
        # How many steps were under way at one moment.
        self.most_steps = 0
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
                self.traced, [*launcher, "-e", self.interruption.call.kill_injection]
            )
            lines += log.read_text("utf-8").splitlines()
        # The number of steps that the killed command had made.
        self.before_death = len(Trace(lines, self.traced.path).steps)
        for words in self.course.commands():
            run = self.traced.run(*words, launcher=launcher)
            expect(run.status == scenario.status, f"{scenario.name} can be traced: {run}")
            lines += log.read_text("utf-8").splitlines()
        self.steps = self._with_others(Trace(lines, self.traced.path).steps)

    @property
    def interruption(self) -> Interruption | None:
        """The interruption before the command, if there is one."""
        prepare = self.course.scenario.prepare
        return prepare if isinstance(prepare, Interruption) else None

    def _start(self) -> Store:
        """Return the store before an interrupted command, which may have left nothing yet."""
        if not self.interruption:
            return self.course.start
        start = Store(self.course.start.binary, self.work / "beginning")
        self.course.scenario.make(start)
        self.interruption.first(start)
        return start

    @property
    def words(self) -> tuple[str, ...]:
        """The command whose steps are tried: the interrupted one, if there is one."""
        return self.interruption.words if self.interruption else self.course.words

    def _with_others(self, steps: list[Recorded]) -> list[Recorded]:
        """Add the steps that strace did not record.

        The worker writes where its directory is made, and the prepare hook where it is started.
        """
        found: list[Recorded] = []
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
        """Return a directory with the files that a worker writes."""
        tree = self.work / "unpacked"
        tree.mkdir()
        archive = pack_files(self.work / "again.tar.gz", NEW)
        subprocess.run(["tar", "-xpzf", archive, "-C", tree], check=True)
        return tree

    def states(self, since: int = 0) -> Iterator[tuple[int, tuple[Arrived, ...]]]:
        """Yield how many commands have reported success, and which steps are on the disk.

        since: only the states after this many steps.
        """
        seen: set[tuple[int, tuple[Arrived, ...]]] = set()
        done: set[int] = set()
        pending: list[int] = []
        acknowledged = 0
        for number in range(len(self.steps) + 1):
            for chosen in self._subsets(pending):
                state = tuple(sorted([*((n, 0) for n in done), *chosen]))
                if (acknowledged, state) not in seen:
                    seen.add((acknowledged, state))
                    if number >= since:
                        yield acknowledged, state
            step = self.steps[number] if number < len(self.steps) else None
            if isinstance(step, Step):
                pending.append(number)
                self.most_steps = max(self.most_steps, len(pending))
            elif isinstance(step, Flush):
                flushed = {n for n in pending if self._is_durable(n, step)}
                done |= flushed
                pending = [n for n in pending if n not in flushed]
            elif isinstance(step, Acknowledged):
                acknowledged += 1

    def _change(self, number: int) -> Step:
        step = self.steps[number]
        assert isinstance(step, Step)
        return step

    def _is_durable(self, number: int, flush: Flush) -> bool:
        step = self._change(number)
        if flush.place is None or flush.place in step.places:
            return True
        if self.rules == "ordered":
            # The journal of the file system flushes all names.
            return not step.is_content
        # The flush of a file or directory makes its own name durable, and those above it.
        return step.kind in ("create", "directory") and (
            flush.place == step.path or flush.place.startswith(step.path + "/")
        )

    def _subsets(self, pending: list[int]) -> Iterator[tuple[Arrived, ...]]:
        names = [n for n in pending if not self._change(n).is_content]
        contents = [n for n in pending if self._change(n).is_content]
        is_ordered = self.rules == "ordered"
        count = (len(names) + 1 if is_ordered else 2 ** len(names)) * 4 ** len(contents)
        if count > self.most:
            yield ()
            yield tuple((n, 0) for n in pending)
            for _ in range(self.most - 2):
                yield self._some(names, contents)
            return
        if is_ordered:
            some_names = [tuple(names[:count]) for count in range(len(names) + 1)]
        else:
            some_names = [
                some
                for count in range(len(names) + 1)
                for some in itertools.combinations(names, count)
            ]
        parts = itertools.product(*([(n, -1), (n, 0), (n, 1), (n, 2)] for n in contents))
        for written in parts:
            arrived = [(n, part) for n, part in written if part >= 0]
            for some in some_names:
                yield (*((n, 0) for n in some), *arrived)

    def _some(self, names: list[int], contents: list[int]) -> tuple[Arrived, ...]:
        """Choose one of the states in which some of these steps have arrived."""
        if self.rules == "ordered":
            arrived = names[: self.chance.randrange(len(names) + 1)]
        else:
            arrived = [n for n in names if self.chance.random() < 0.5]
        parts = [(n, self.chance.randrange(-1, 3)) for n in contents]
        return (*((n, 0) for n in arrived), *((n, part) for n, part in parts if part >= 0))

    def run(self, only: str | None, tally: Tally, since: int = 0, death: str = "") -> None:
        """Judge all states, or only one.

        since: only the states after this many steps.
        death: the call at which the command was killed before, for the name of a state.
        """
        for acknowledged, state in self.states(since):
            steps = " ".join(f"{n}/{part}" if part else str(n) for n, part in state) or "nothing"
            where = f"{death} {steps}".strip()
            if only not in (None, where):
                continue
            try:
                tally.points += self._judge(acknowledged, state)
            except BrokenPromise as broken:
                tally.points += 1
                tally.note(f"left at {where}", str(broken))

    def _judge(self, acknowledged: int, state: tuple[Arrived, ...]) -> bool:
        """Judge a state; return False if it is impossible, since a step has nothing to work on."""
        course = self.course
        store = Store(course.start.binary, self.work / "state")
        self.start.copy(store.path)
        try:
            for number, part in state:
                apply(self._change(number), part, store.path)
        except OSError:
            return False
        legal = course.legal()
        if self.interruption and (self.start.path / ".releases").exists():
            legal.append(oracle.state(self.start.path))
        if acknowledged:
            legal = [end for end in legal if end != course.before]
        recovery = course.scenario.recovery
        if acknowledged == len(course.commands()):
            # Everything was reported, so nothing may be missing.
            legal, recovery = [course.after], ("recover",)
        oracle.judge(store, legal, recovery, course.scenario.may_rebuild)
        return True


def try_states(
    name: str,
    rules: str,
    binary: Path,
    work: Path,
    seed: int,
    share: float = 1.0,
    only: str | None = None,
) -> Tally:
    """Try all states of a scenario, or only one.

    share: of the states of a moment with many, and of the flushes at which the command is killed,
        from 0 to 1.
    """
    scenario = BY_NAME[name]
    tally = Tally(name, rules)
    if rules != "resumed":
        chance = random.Random(f"{seed} {name} {rules}")
        most = max(2, round(share * STATES_PER_MOMENT))
        model = Model(scenario, rules, binary, work, chance, most)
        model.run(only, tally)
        steps = model.most_steps
        expect(steps <= MOST_STEPS, f"at most {MOST_STEPS} steps are under way: {steps}")
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
        killed = resumed(course, call)
        trial = Model(killed, "free", binary, work / "killed", chance, STATES_OF_RECOVERY)
        trial.run(only, tally, trial.before_death + 1, death)
    return tally
