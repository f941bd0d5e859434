"""Interrupts the courses at their places, with load beside them, and notes what was wrong."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise
from harness.host.instances import stopped_switch, verdict
from harness.host.instances.course_stores import start_again
from harness.host.instances.instance_store import Observed, observed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.host.instances.courses import Course, Situation
    from harness.host.instances.quick import QuickStore
    from harness.host.instances.stopped_switch import Place
    from harness.host.report import Row
    from harness.processes import Run

KILL = "signal=KILL"
# Every command that changes the store recovers an interrupted one. `recover` also stops orphaned
# instances, and starts the live one if it does not run.
RECOVERIES = (("prune",), ("recover",))
# A request or a connection may fail this long after the point that is to blame, in seconds.
MARGIN = 0.2


@dataclass
class Point:
    """One interruption, when it was, and whether a gap in the link is possible then."""

    name: str
    start: float
    end: float
    may_have_gap: bool


@dataclass
class Tally:
    """What was seen in one course."""

    course: str
    points: list[Point] = field(default_factory=list)
    # The times in which the store was made again after a violation, and nothing served.
    repairs: list[Point] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0
    seen: Observed | None = None

    def note(self, point: str, what: str) -> None:
        """Note a violation, and print it."""
        self.violations.append(f"{self.course}: {point}: {what}")
        print(f"VIOLATION {self.violations[-1]}", flush=True)

    def observe(self) -> None:
        """Note the failed requests and the gaps, each at its point."""
        if not self.seen:
            return
        for kind, first, last in self.gaps():
            where = [
                point.name
                for point in self.points
                if point.start < last + MARGIN and first < point.end + MARGIN
            ]
            self.note(str(where), f"the link did not work for {last - first:.3f} s: {kind}")
        for moment, kind in self.seen.load["failedAt"]:
            if any(one.start < moment < one.end + MARGIN for one in self.repairs):
                continue
            where = [point.name for point in self.points if point.start < moment < point.end + 20]
            self.note(str(where[-2:]), f"a request failed: {kind}")

    def gaps(self) -> Iterator[tuple[str, float, float]]:
        """Yield the error, begin and end of each gap that no point permits."""
        permitted = [point for point in self.points if point.may_have_gap] + self.repairs
        for kind, first, last in self.seen.watch["gaps"] if self.seen else []:
            if not any(point.start <= first and last <= point.end for point in permitted):
                yield kind, first, last

    def cells(self) -> list[object]:
        """Return the row of the table."""
        load, watch = (self.seen.load, self.seen.watch) if self.seen else ({}, {})
        return [
            self.course,
            len(self.points),
            len(self.violations),
            ", ".join(f"{number}: {count}" for number, count in sorted(self.statuses.items())),
            load.get("requests", "-"),
            load.get("failed", "-"),
            watch.get("tries", "-"),
            len(list(self.gaps())) if self.seen else "-",
            self.seconds,
        ]


HEAD = [
    "course",
    "points",
    "violations",
    "status: how often",
    "requests",
    "failed",
    "tries of the link",
    "gaps",
    "seconds",
]


class Interruptions:
    """Interrupts one course at places of it."""

    def __init__(
        self, row: Row, store: QuickStore, course: Course, ends_early: bool = False
    ) -> None:
        """Keep the course.

        ends_early: whether the first violation ends it.
        """
        self.row, self.store, self.course = row, store, course
        self.ends_early = ends_early
        self.tally = Tally(course.name)

    def places(self) -> list[Place]:
        """Return the places of the course's command."""
        situation = self.course.prepare(self.store)
        status = self.course.usual(situation)
        found = stopped_switch.places(self.store, *situation.words, status=status)
        self.course.clean_up(self.store)
        return self.course.choose(found)

    def run_at(self, place: Place, what: str, situation: Situation) -> Run:
        """Run the command with a signal or an error at a place."""
        return stopped_switch.run_at(self.store, place, what, *situation.words)

    def try_at(self, place: Place, what: str) -> None:
        """Interrupt the command once, and judge what is left."""
        store, course = self.store, self.course
        name = f"{what} at {place}"
        try:
            situation = course.prepare(store)
            recovery = RECOVERIES[len(self.tally.points) % len(RECOVERIES)]
            bad = verdict.bad_releases(store)
        except RuntimeError as error:
            self._give_up(name, f"can't be prepared: {error}")
            return
        before = self._process(situation)
        start = time.time()
        run = self.run_at(place, what, situation)
        self.tally.statuses[verdict.status(run)] += 1
        is_interrupted = verdict.status(run) in (verdict.KILLED, verdict.INTERRUPTED)
        bad |= situation.may_be_bad(is_interrupted)
        situation = replace(situation, bad=bad, recovery=recovery)
        try:
            self._judge(situation, place, what, run)
        except (BrokenPromise, RuntimeError) as broken:
            self._give_up(name, str(broken))
        # The old instance had to be stopped.
        is_other = before != self._process(situation)
        self.tally.points.append(Point(name, start, time.time(), is_other))

    def _process(self, situation: Situation) -> str:
        """Return the process of the instance that serves, if the course may stop it."""
        old = situation.before[0]
        return self.store.process(old) if old and not self.course.has_load else ""

    def _judge(self, situation: Situation, place: Place, what: str, run: Run) -> None:
        if what == KILL:
            verdict.judge_kill(self.store, self.course, situation, run)
        else:
            is_harmless = what.endswith("EINTR") and not place.call.startswith("clone")
            verdict.judge_failure(self.store, self.course, situation, run, is_harmless)

    def _give_up(self, name: str, what: str) -> None:
        self.tally.note(name, what)
        start = time.time()
        try:
            self.course.clean_up(self.store)
        except RuntimeError as error:
            print(error, flush=True)
        # Both have been live, so that no interruption is a reason to mark one bad.
        start_again(self.store, "b", "a")
        self.course.set_up(self.store)
        self.tally.repairs.append(Point("repair", start, time.time(), True))

    def run(self, chosen: list[tuple[Place, str]], rate: float) -> Tally:
        """Interrupt the command at places, and return what was seen."""
        start = time.monotonic()
        is_observed = self.course.has_load
        with observed(self.store.host, rate) if is_observed else nullcontext() as seen:
            for place, what in chosen:
                self.try_at(place, what)
                if self.ends_early and self.tally.violations:
                    break
        self.tally.seen = seen
        self.tally.observe()
        self.tally.seconds = time.monotonic() - start
        for violation in self.tally.violations:
            self.row.expect(False, violation)
        print(self.tally.cells(), flush=True)
        return self.tally
