"""Kill points and faults: SIGKILL, or an error, at each call of a command that changes something,
and SIGKILL again at each call of the recovery."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import oracle
from oracle import Violation, expect
from scenarios import BY_NAME, Course
from store import Run
from tracing import FLUSHES, KILLED, LIE, SHORT, Call, watch

ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EROFS", "EMFILE", "EXDEV", "EINTR", SHORT, LIE]
# What is no failure: the call is made again, or for the rest.
HARMLESS = {"EINTR", SHORT}


def is_of_link(call: Call) -> bool:
    """It gives a link its name. Only these are looked at again by whoever made them."""
    is_named = call.text.split(", ")[-1].startswith(('"current"', '"previous"'))
    return call.name == "renameat" and is_named


@dataclass
class Tally:
    """What was tried with one scenario, and what came of it."""

    scenario: str
    kind: str
    points: int = 0
    slowest: float = 0.0
    # Of power cuts: file systems that had to be repaired before they could be mounted.
    repaired: int = 0
    violations: list[str] | None = None

    def note(self, where: str, problem: str) -> None:
        self.violations = [*(self.violations or []), f"{where}: {problem}"]


class Matrix:
    """All points of one scenario, or a seeded slice of them."""

    def __init__(
        self, scenario: str, binary: str, work: Path, seed: int, share: float, again: float = 1
    ):
        self.name = scenario
        self.work = work
        # Of the command's calls, and of the recovery's.
        self.share, self.again = share, again
        self.random = random.Random(f"{seed} {scenario}")
        self.course = Course.make(BY_NAME[scenario], binary, work)
        watched = self.course.start.copy(work / "watched")
        run, self.calls = watch(watched, self.course.words, work / "log")
        is_usual = run.status == self.course.scenario.status and len(self.calls) > 3
        expect(is_usual, f"{scenario} can be watched: {run}")

    def chosen(self, calls: list[Call], share: float | None = None) -> Iterator[Call]:
        """Each of them, or as many as the share says; always at least one."""
        share = self.share if share is None else share
        some = [call for call in calls if self.random.random() < share]
        yield from some or self.random.sample(calls, min(1, len(calls)))

    def kills(self, only: str | None = None) -> Tally:
        tally = Tally(self.name, "SIGKILL")
        for call in self.chosen(self.calls):
            if only and only.split(",")[0] != str(call):
                continue
            self._kill(call, tally, only)
        if only in (None, "exit_group#1"):
            self._kill_at_end(tally)
        return tally

    def _kill_at_end(self, tally: Tally) -> None:
        """The last thing a process does: all it had to say has been said, and must hold."""
        course = self.course
        end = Call("exit_group", 1, "")
        store = course.start.copy(self.work / "killed")
        run = store.run(*course.words, launcher=end.killing())
        tally.points += 1
        try:
            expect(run.status == KILLED, f"it is killed at its end: {run}")
            says_nothing = course.words[0] == "recover" or course.scenario.status
            expect(bool(run.output) or bool(says_nothing), f"it said what it did: {run}")
            # Of two commands this was the first.
            legal = course.legal() if course.scenario.then else [course.after]
            oracle.judge(store, legal, course.scenario.settle)
        except Violation as violation:
            tally.note(f"killed at {end}", str(violation))

    def _kill(self, call: Call, tally: Tally, only: str | None) -> None:
        course, settle = self.course, self.course.scenario.settle
        killed = course.start.copy(self.work / "killed")
        run = killed.run(*course.words, launcher=call.killing())
        try:
            tally.points += 1
            if run.status != KILLED:
                is_usual = run.status == course.scenario.status
                expect(is_usual and not call.is_exact, f"it is killed: {run}")
            else:
                expect(run.output == "", f"nothing is acknowledged before it is done: {run}")
            oracle.expect_servable(killed.path, course.before)
            self._expect_ordered(killed.path)
            settled = killed.copy(self.work / "settled")
            oracle.judge(settled, course.legal(), settle)
        except Violation as violation:
            tally.note(f"killed at {call}", str(violation))
            return
        watched = killed.copy(self.work / "settled")
        _, calls = watch(watched, settle, self.work / "log")
        for second in self.chosen(calls, self.again) if calls else []:
            if only and only != f"{call},{second}":
                continue
            self._kill_recovery(killed.path, call, second, tally)

    def _kill_recovery(self, killed: Path, call: Call, second: Call, tally: Tally) -> None:
        course, settle = self.course, self.course.scenario.settle
        store = type(course.start)(course.start.binary, killed).copy(self.work / "again")
        tally.points += 1
        run = store.run(*settle, launcher=second.killing())
        try:
            expect(run.status == KILLED or not second.is_exact, f"it is killed: {run}")
            oracle.expect_servable(store.path, course.before)
            oracle.judge(store, course.legal(), settle)
        except Violation as violation:
            tally.note(f"killed at {call},{second}", str(violation))

    def _expect_ordered(self, path: Path) -> None:
        """A switch gives `previous` its place first: who goes back by hand goes back to what was
        live."""
        before, after = self.course.before, self.course.after
        if not self.course.scenario.is_bare_switch or not before:
            return
        pair = tuple(oracle.link(path, name) for name in ("current", "previous"))
        legal = [(before.current, before.previous), (before.current, after.previous),
                 (after.current, after.previous)]
        expect(pair in legal, f"previous first, current last: {pair}")

    def faults(self, error: str, only: str | None = None) -> Tally:
        tally = Tally(self.name, error)
        # Who can't be told anything is told nothing.
        calls = [call for call in self.calls if not call.text.startswith("write(2,")]
        if error == LIE:
            calls = [call for call in calls if is_of_link(call)]
        if error == SHORT:
            calls = [call for call in calls if call.name in ("write", "pwrite64")]
        for call in self.chosen(calls):
            if only and only != str(call):
                continue
            tally.points += 1
            try:
                self._fail(call, error)
            except Violation as violation:
                tally.note(f"{error} at {call}", str(violation))
        return tally

    def _fail(self, call: Call, error: str) -> None:
        course = self.course
        store = course.start.copy(self.work / "failed")
        run = store.run(*course.words, launcher=call.failing(error))
        oracle.expect_servable(store.path)
        if error == LIE:
            is_believed = run.status in (0, course.scenario.status) and "warning:" not in run.errors
            expect(not is_believed, f"nobody believes it: {run}")
        if error in HARMLESS:
            is_usual = run.status == course.scenario.status
            expect(is_usual, f"an interrupted call is made again: {run}")
            expect("warning:" not in run.errors, f"nobody hears of it: {run}")
        self._expect_honest(call, error, run, store.path)
        links = [oracle.link(store.path, name) for name in ("current", "previous")]
        found = oracle.judge(store, course.legal(), course.scenario.settle)
        if run.status != 11 and course.scenario.is_all_or_nothing:
            expect([found.current, found.previous] == links, f"what was said holds: {run}")
            if run.status not in (0, course.scenario.status):
                expect(found == course.before, f"what failed is not done later: {run}, {found}")
        if run.status == course.scenario.status and "warning:" not in run.errors:
            expect(found == course.after, f"what was acknowledged is done: {found}")

    def _expect_honest(self, call: Call, error: str, run: Run, path: Path) -> None:
        """The exit status says how the store is now."""
        course = self.course
        if error not in HARMLESS and course.scenario.is_bare_switch and run.status == 0:
            first = next(place for place, found in enumerate(self.calls) if is_of_link(found))
            is_early = self.calls.index(call) < first and "carried out all the same" in run.errors
            expect(not is_early, f"what fails before the links move is not carried out: {run}")
        usual = course.scenario.status
        expect(run.status in {0, 1, 8, 11, usual}, f"the status is one of a failure: {run}")
        if run.status == 0:
            if call.name in FLUSHES and error not in HARMLESS:
                expect("can't flush the history" in run.errors,
                       f"a failed flush is never passed over: {run}")
            if course.scenario.is_bare_switch:
                expect(oracle.state(path) == course.after, f"what is told is there: {run}")
            return
        expect(run.output == "", f"a failure acknowledges nothing: {run}")
        expect("error:" in run.errors, f"a failure is told: {run}")
        if run.status in (1, 8) and course.scenario.is_all_or_nothing:
            expect(oracle.state(path) == course.before, f"the store is as it was: {run}")
