"""Kills a command, or makes a call fail, at each call that changes something.

After each kill the recovery is killed as well, at each of its own calls.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness import oracle, store_files
from harness.assertions import BrokenPromise, expect
from harness.crash.course import Course
from harness.crash.scenarios import BY_NAME
from harness.crash.tally import Tally
from harness.crash.tracing import FLUSHES, KILLED, LIE, SHORT, Call, watch
from harness.store import Store
from harness.tool_messages import (
    FINISHED_DESPITE_FAILURE,
    HISTORY_NOT_COUNTED,
    HISTORY_NOT_FLUSHED,
    HISTORY_NOT_ROTATED,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.processes import Run

ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EROFS", "EMFILE", "EXDEV", "EINTR", SHORT, LIE]
OUT_OF_SPACE = {"ENOSPC", "EDQUOT"}
# These are no failures: the call is made again, or for the rest.
HARMLESS = {"EINTR", SHORT}


def names_link(call: Call) -> bool:
    """Return whether a call gives a link its name; only these are read back after they are made."""
    is_link = call.text.split(", ")[-1].startswith(('"current"', '"previous"'))
    return call.name == "renameat" and is_link


def rotation(calls: list[Call]) -> range:
    """Return the places of the calls that rotate the history and write its tally.

    They begin with the flush of the old lines and end with the flush of the last new name.
    """
    named = [place for place, call in enumerate(calls) if '".history.json' in call.text]
    if not named:
        return range(0)
    first, last = named[0], named[-1]
    if first > 0 and calls[first - 1].name in FLUSHES:
        first -= 1
    if last + 1 < len(calls) and calls[last + 1].name in FLUSHES:
        last += 1
    return range(first, last + 1)


class Points:
    """All points of one scenario, or a share of them that depends on the seed."""

    def __init__(
        self,
        scenario: str,
        binary: Path,
        work: Path,
        seed: int,
        share: float,
        recovery_share: float = 1,
    ) -> None:
        """Make the scenario's store, and find the calls of its command.

        share: of the command's calls, from 0 to 1.
        recovery_share: of the recovery's calls.
        """
        self.name = scenario
        self.work = work
        self.share, self.recovery_share = share, recovery_share
        self.random = random.Random(f"{seed} {scenario}")
        self.course = Course.make(BY_NAME[scenario], binary, work)
        watched = self.course.start.copy(work / "watched")
        run, self.calls = watch(watched, self.course.words, work / "log")
        is_usual = run.status == self.course.scenario.status and len(self.calls) > 3
        expect(is_usual, f"{scenario} can be watched: {run}")

    def chosen(self, calls: list[Call], share: float) -> Iterator[Call]:
        """Yield the share of some calls, but at least one."""
        some = [call for call in calls if self.random.random() < share]
        yield from some or self.random.sample(calls, min(1, len(calls)))

    def kills(self, only: str | None = None) -> Tally:
        """Kill the command at each call, or only at one."""
        tally = Tally(self.name, "SIGKILL")
        for call in self.chosen(self.calls, self.share):
            if only and only.split(",")[0] != str(call):
                continue
            self._kill(call, tally, only)
        if only in (None, "exit_group#1"):
            self._kill_at_end(tally)
        return tally

    def _kill_at_end(self, tally: Tally) -> None:
        """Kill the command as it exits: it has reported everything, which has to last."""
        course = self.course
        end = Call("exit_group", 1, "")
        store = course.start.copy(self.work / "killed")
        run = store.run(*course.words, launcher=end.killing())
        tally.points += 1
        try:
            expect(run.status == KILLED, f"the command is killed as it exits: {run}")
            is_silent = course.words[0] == "recover" or course.scenario.status != 0
            expect(bool(run.output) or is_silent, f"the command has reported what it did: {run}")
            # It may have been the first of two commands.
            legal = course.legal() if course.scenario.then else [course.after]
            oracle.judge(store, legal, course.scenario.recovery)
        except BrokenPromise as broken:
            tally.note(f"killed at {end}", str(broken))

    def _kill(self, call: Call, tally: Tally, only: str | None) -> None:
        course, recovery = self.course, self.course.scenario.recovery
        killed = course.start.copy(self.work / "killed")
        run = killed.run(*course.words, launcher=call.killing())
        try:
            tally.points += 1
            if run.status != KILLED:
                is_usual = run.status == course.scenario.status
                expect(is_usual and not call.is_exact, f"the command is killed: {run}")
            else:
                expect(run.output == "", f"nothing is reported before it is done: {run}")
            oracle.expect_servable(killed.path, course.before)
            self._expect_link_order(killed.path)
            recovered = killed.copy(self.work / "recovered")
            oracle.judge(recovered, course.legal(), recovery)
        except BrokenPromise as broken:
            tally.note(f"killed at {call}", str(broken))
            return
        watched = killed.copy(self.work / "recovered")
        _, calls = watch(watched, recovery, self.work / "log")
        for second in self.chosen(calls, self.recovery_share) if calls else []:
            if only and only != f"{call},{second}":
                continue
            self._kill_recovery(killed.path, call, second, tally)

    def _kill_recovery(self, killed: Path, call: Call, second: Call, tally: Tally) -> None:
        course, recovery = self.course, self.course.scenario.recovery
        store = Store(course.start.binary, killed).copy(self.work / "again")
        tally.points += 1
        run = store.run(*recovery, launcher=second.killing())
        try:
            expect(run.status == KILLED or not second.is_exact, f"the recovery is killed: {run}")
            oracle.expect_servable(store.path, course.before)
            oracle.judge(store, course.legal(), recovery)
        except BrokenPromise as broken:
            tally.note(f"killed at {call},{second}", str(broken))

    def _expect_link_order(self, path: Path) -> None:
        """Expect that a switch moves `previous` first, so that it always names a live release."""
        before, after = self.course.before, self.course.after
        if not self.course.scenario.is_plain_switch or not before:
            return
        pair = tuple(store_files.link(path, name) for name in ("current", "previous"))
        legal = [
            (before.current, before.previous),
            (before.current, after.previous),
            (after.current, after.previous),
        ]
        expect(pair in legal, f"previous is moved first, and current last: {pair}")

    def faults(self, error: str, only: str | None = None) -> Tally:
        """Make each call fail with this error, or only one."""
        tally = Tally(self.name, error)
        # A message that cannot be written is lost.
        calls = [call for call in self.calls if not call.text.startswith("write(2,")]
        if error == LIE:
            calls = [call for call in calls if names_link(call)]
        if error == SHORT:
            calls = [call for call in calls if call.name in ("write", "pwrite64")]
        for call in self.chosen(calls, self.share):
            if only and only != str(call):
                continue
            tally.points += 1
            try:
                self._fail(call, error)
            except BrokenPromise as broken:
                tally.note(f"{error} at {call}", str(broken))
        return tally

    def _fail(self, call: Call, error: str) -> None:
        course = self.course
        usual = course.scenario.status
        store = course.start.copy(self.work / "failed")
        run = store.run(*course.words, launcher=call.failing(error))
        oracle.expect_servable(store.path)
        if error == LIE:
            is_believed = run.status in (0, usual) and "warning:" not in run.errors
            expect(not is_believed, f"a link is read back after it was made: {run}")
        if error in HARMLESS:
            expect(run.status == usual, f"an interrupted call is made again: {run}")
            expect("warning:" not in run.errors, f"an interrupted call is not reported: {run}")
        self._expect_honest(call, error, run, store.path)
        links = [store_files.link(store.path, name) for name in ("current", "previous")]
        found = oracle.judge(store, course.legal(), course.scenario.recovery)
        if run.status != 11 and course.scenario.is_all_or_nothing:
            expect(
                [found.current, found.previous] == links,
                f"a recovery does not change what was reported: {run}",
            )
            if run.status not in (0, usual):
                expect(found == course.before, f"what failed is not done later: {run}, {found}")
        if run.status == usual and "warning:" not in run.errors:
            expect(found == course.after, f"what was reported as done is done: {found}")

    def _expect_flush_reported(self, call: Call, error: str, run: Run) -> None:
        """Expect the warning for the flush that failed, and no other one."""
        place = self.calls.index(call)
        permitted: set[str] = set()
        if place in rotation(self.calls):
            warnings = [HISTORY_NOT_ROTATED, HISTORY_NOT_COUNTED]
            if error in OUT_OF_SPACE:
                # A full disk puts the rotation off; no line depends on it. Only a flush may tell.
                permitted, warnings = set(warnings), []
        else:
            warnings = [HISTORY_NOT_FLUSHED]
        if warnings:
            is_reported = any(warning in run.errors for warning in warnings)
            expect(is_reported, f"a failed flush is reported: {run}")
        others = {HISTORY_NOT_FLUSHED, HISTORY_NOT_ROTATED, HISTORY_NOT_COUNTED}
        others -= permitted.union(warnings)
        is_wrong = any(warning in run.errors for warning in others)
        expect(not is_wrong, f"only the failed flush is reported: {run}")

    def _expect_honest(self, call: Call, error: str, run: Run, path: Path) -> None:
        """Expect that the exit status says how the store is now."""
        course = self.course
        usual = course.scenario.status
        if error not in HARMLESS and course.scenario.is_plain_switch and run.status == 0:
            first = next(place for place, found in enumerate(self.calls) if names_link(found))
            is_early = self.calls.index(call) < first and FINISHED_DESPITE_FAILURE in run.errors
            expect(not is_early, f"a failure before the links are moved ends the command: {run}")
        expect(run.status in {0, 1, 8, 11, usual}, f"the status is one of a failure: {run}")
        if run.status == 0:
            if call.name in FLUSHES and error not in HARMLESS:
                self._expect_flush_reported(call, error, run)
            if course.scenario.is_plain_switch:
                expect(oracle.state(path) == course.after, f"what is reported is so: {run}")
            return
        expect(run.output == "", f"a failure reports nothing as done: {run}")
        expect("error:" in run.errors, f"a failure prints an error: {run}")
        if run.status in (1, 8) and course.scenario.is_all_or_nothing:
            expect(oracle.state(path) == course.before, f"the store is as it was: {run}")
