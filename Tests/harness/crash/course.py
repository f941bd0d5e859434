"""A scenario that is ready to be tried: where it begins, and where it may end."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness import oracle
from harness.archives import pack_files
from harness.assertions import SetupFailed
from harness.crash.preparations import NEW, Interruption, with_archive
from harness.oracle import State
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.crash.scenario import Scenario
    from harness.crash.tracing import Call


@dataclass(frozen=True)
class Course:
    """The store at the beginning, the command, and the states before and after it."""

    scenario: Scenario
    start: Store
    words: tuple[str, ...]
    before: State | None
    after: State

    @staticmethod
    def make(scenario: Scenario, binary: Path, work: Path) -> Course:
        """Make the store in a directory, and let the command run to its end on a copy of it."""
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        start = Store(binary, work / "start")
        scenario.make(start)
        scenario.prepare(start)
        more = {f"files/{number % 50}/{number}": f"{number}\n" for number in range(scenario.files)}
        archive = pack_files(work / "new.tar.gz", {**NEW, **more})
        words = with_archive(scenario.words, archive)
        finished = start.copy(work / "finished")
        course = Course(scenario, start, words, None, State(None, None, ()))
        for command in course.commands():
            run = finished.run(*command)
            if run.status != scenario.status:
                raise SetupFailed(f"{scenario.name}: {run}")
        after = oracle.expect_in_order(finished.path)
        is_store = (start.path / ".releases").exists()
        return Course(scenario, start, words, oracle.state(start.path) if is_store else None, after)

    def commands(self) -> list[tuple[str, ...]]:
        """Return the command, and the second one if there is one."""
        return [self.words, *([self.scenario.then] if self.scenario.then else [])]

    def legal(self) -> list[State]:
        """Return the states that the store may have after an interruption and a recovery."""
        if self.before is None or self.words[0] == "init":
            return [self.after]
        if self.words[0] == "recover":
            return [self.after, *self.scenario.other_ends(self.before)]
        ends = [self.before, self.after, *self.scenario.other_ends(self.before)]
        if self.scenario.is_piecemeal:
            removed = set(self.before.releases) - set(self.after.releases)
            for count in range(1, len(removed)):
                for some in itertools.combinations(removed, count):
                    kept = tuple(sorted(set(self.before.releases) - set(some)))
                    ends.append(replace(self.before, releases=kept))
        return ends


def resumed(course: Course, call: Call) -> Scenario:
    """Return the recovery of a command that was killed at a call, as a scenario."""
    scenario = course.scenario
    return replace(
        scenario,
        name=f"{scenario.name}, killed at {call}",
        words=scenario.recovery,
        status=0,
        prepare=Interruption(call, scenario.words, scenario.prepare),
        other_ends=lambda _: course.legal(),
    )
