"""Runs a scenario of the host tests for a mutant: instances need a booted systemd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.repository import module_command

if TYPE_CHECKING:
    from pathlib import Path

    from harness.crash.tasks import Task

# Every place of a course is tried until a test notices the mutant.
POINTS = "100"
RATE = "50"
# How the host tests name a broken promise. A host that does not boot proves nothing.
BROKEN = (": BROKEN: ", "VIOLATION ")
NO_HOST = ("the host does not boot", "dpkg --install")


def command(task: Task, binary: Path, package: Path, work: Path, tests: Path) -> list[str]:
    """Return the command line that runs a scenario with another program.

    task: its scenario, and as `how` the only course, if the scenario has several.
    package: what is installed; its program is replaced.
    """
    options = ["--work", str(work), "--only", task.scenario, "--program", str(binary)]
    options += ["--deploys", POINTS, "--rate", RATE, "--first"]
    courses = ["--courses", task.how] if task.how else []
    return module_command("harness.host", package, *options, *courses, tests=tests)


def violation(output: str) -> str | None:
    """Return the first broken promise that the host tests have printed; None if all were kept."""
    if any(words in output for words in NO_HOST):
        return None
    for line in output.splitlines():
        if any(words in line for words in BROKEN):
            return line.strip()
    return None
