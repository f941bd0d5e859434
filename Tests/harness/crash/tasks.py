"""The tasks of a run: which there are, and how each of them is carried out."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, NamedTuple

from harness.c_programs import compile_program
from harness.crash import concurrent_commands, power_cuts, power_model
from harness.crash.conditions import CONDITIONS
from harness.crash.conditions.condition import try_condition
from harness.crash.kills_and_faults import ERRORS, Points
from harness.crash.recorded_disk import FILE_SYSTEMS
from harness.crash.scenarios import BY_NAME
from harness.crash.tally import Tally
from harness.repository import HARNESS

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

KINDS = ["kill", "fault", "model", "power", "concurrent", "condition"]
# Each power cut of this scenario takes long, so it gets fewer of them.
LARGE = "unpack 5,000 files"


class Task(NamedTuple):
    """One scenario, tried in one way."""

    kind: str
    scenario: str
    how: str


class Ended(NamedTuple):
    """A task that has ended, what came of it, and how long it took."""

    task: Task
    tally: Tally
    seconds: float


def all_tasks(kinds: list[str]) -> list[Task]:
    """Return the tasks of some kinds."""
    single = [name for name in BY_NAME if not BY_NAME[name].then]
    tasks: list[tuple[str, str, str]] = []
    if "kill" in kinds:
        tasks += [("kill", name, "SIGKILL") for name in single]
    if "fault" in kinds:
        tasks += [("fault", name, error) for name in single for error in ERRORS]
    if "model" in kinds:
        tasks += [
            ("model", name, rules)
            for name in BY_NAME
            for rules in power_model.RULES
            if rules != "resumed" or name in single
        ]
    if "power" in kinds:
        tasks += [("power", name, system) for name in BY_NAME for system in FILE_SYSTEMS]
    if "concurrent" in kinds:
        tasks.append(("concurrent", "concurrent", concurrent_commands.KIND))
    if "condition" in kinds:
        tasks += [("condition", name, "") for name in CONDITIONS]
    found = [Task(*task) for task in tasks]
    return [task for task in found if task.scenario != LARGE or task.kind == "power"]


class Workplace:
    """Where tasks are carried out: the directories, and what the command line says."""

    def __init__(self, options: argparse.Namespace, disk: Path) -> None:
        """Take note of the options.

        disk: where the stores are made.
        """
        self.options, self.disk = options, disk
        self.binary: Path = options.binary
        self.work: Path = options.work

    def build_programs(self, kinds: set[str]) -> None:
        """Compile the C programs that these kinds of tasks use."""
        if "fault" in kinds:
            program = compile_program(HARNESS / "crash/short_write.c", self.work)
            os.environ["SHORT_WRITE"] = str(program)
        if "power" in kinds:
            source = HARNESS / "crash/recording_disk.c"
            compile_program(source, self.work, libraries=("fuse3",))

    def carry_out(self, task: Task) -> Ended:
        """Carry out a task; an error is noted as a violation, since nothing was tested then."""
        start = time.monotonic()
        work = self.disk / f"process-{os.getpid()}"
        try:
            tally = self._try(task, work)
        except Exception as error:
            tally = Tally(task.scenario, task.how)
            tally.note("not tried", f"{type(error).__name__}: {error}")
        shutil.rmtree(work, ignore_errors=True)
        return Ended(task, tally, time.monotonic() - start)

    def _try(self, task: Task, work: Path) -> Tally:
        options, scenario, how = self.options, task.scenario, task.how
        seed, only = options.seed, options.only
        if task.kind == "kill":
            again = options.share if options.again is None else options.again
            points = Points(scenario, self.binary, work, seed, options.share, again)
            return points.kills(only)
        if task.kind == "fault":
            return Points(scenario, self.binary, work, seed, options.share).faults(how, only)
        if task.kind == "model":
            return power_model.try_states(
                scenario, how, self.binary, work, seed, options.share, only
            )
        if task.kind == "concurrent":
            use = concurrent_commands.ConcurrentUse(self.binary, work, seed)
            return use.run(options.minutes)
        if task.kind == "condition":
            return try_condition(scenario, CONDITIONS[scenario], self.binary, work, only)
        return power_cuts.cut_power(
            self.work / "recording_disk",
            how,
            scenario,
            self.binary,
            work,
            seed,
            self._images(scenario),
            only,
        )

    def _images(self, scenario: str) -> int:
        """Return the number of power cuts of one task."""
        count: int = self.options.images // (len(BY_NAME) * len(FILE_SYSTEMS))
        return count // 20 if scenario == LARGE and count < power_cuts.ALL else count
