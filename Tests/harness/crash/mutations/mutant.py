"""What a mutant is, where its text is in the sources, and the tasks that have to notice it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.crash.tasks import Task

if TYPE_CHECKING:
    from pathlib import Path

Tasks = tuple[Task, ...]


class StaleMutant(Exception):
    """The text of a mutant does not occur exactly once in the sources."""


@dataclass(frozen=True)
class Mutant:
    """One change to the product, and the tasks that are tried on it, in this order."""

    name: str
    what: str
    # The name of the source file.
    file: str
    old: str
    new: str
    tasks: Tasks
    images: int = 20_000

    @property
    def needs_host(self) -> bool:
        """Whether a host must be booted."""
        return any(task.kind == "host" for task in self.tasks)

    def find(self, sources: Path) -> Path:
        """Return the file that has the text exactly once.

        Raises StaleMutant when no file has it, or when it occurs more than once.
        """
        counts = count(self.old, list(sources.rglob(self.file)))
        if sum(counts.values()) != 1:
            number = sum(counts.values())
            raise StaleMutant(f"{self.name}: {self.file} has its text once, not {number} times")
        return next(iter(counts))


def count(text: str, paths: list[Path]) -> dict[Path, int]:
    """Return how often a text occurs in files, for each file that has it."""
    counts = {path: path.read_text("utf-8").count(text) for path in paths}
    return {path: number for path, number in counts.items() if number}


def model(*scenarios: str) -> Tasks:
    """Return the tasks that try the states after a power cut."""
    return tuple(Task("model", scenario, "free") for scenario in scenarios)


def resumed(*scenarios: str) -> Tasks:
    """Return the tasks that try the states after a power cut in a recovery."""
    return tuple(Task("model", scenario, "resumed") for scenario in scenarios)


def kill(*scenarios: str) -> Tasks:
    """Return the tasks that kill commands."""
    return tuple(Task("kill", scenario, "SIGKILL") for scenario in scenarios)


def fault(scenario: str, error: str) -> Tasks:
    """Return the task that makes calls fail with an error."""
    return (Task("fault", scenario, error),)


def condition(*names: str) -> Tasks:
    """Return the tasks that try adverse conditions."""
    return tuple(Task("condition", name, "") for name in names)


def host(scenario: str, course: str = "") -> Tasks:
    """Return the task that runs a scenario of the host tests, or one course of it."""
    return (Task("host", scenario, course),)
