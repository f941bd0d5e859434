"""Steps and jobs of a workflow of GitHub while they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.processes import shortened

if TYPE_CHECKING:
    from pathlib import Path

    from harness.callers.expressions import Context


@dataclass
class Step:
    """A step that has ended: its status, log and summary, and the outputs that it set."""

    status: int
    log: str
    summary: str
    outputs: dict[str, str]

    def __str__(self) -> str:
        """Return what a person needs to see of a failure."""
        return f"status {self.status}, log {shortened(self.log)}, summary {self.summary}"


@dataclass
class Leaf:
    """A step that runs a script, with the context and the variables that its expressions have."""

    step: dict[str, Any]
    context: Context
    variables: dict[str, str]


@dataclass
class Job:
    """A job that runs: its steps that have run, by name, and the outputs that they set."""

    context: Context
    variables: dict[str, str]
    directory: Path
    steps: dict[str, Step] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return what a person needs to see of a failure."""
        return "; ".join(f"{name}: {step}" for name, step in self.steps.items())
