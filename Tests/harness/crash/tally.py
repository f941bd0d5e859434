"""Counts what was tried with one scenario, and keeps the violations."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """What was tried with one scenario in one way, and what came of it."""

    scenario: str
    kind: str
    points: int = 0
    # The longest recovery after a power cut, in seconds.
    slowest: float = 0.0
    # The number of file systems that had to be repaired before they could be mounted.
    repaired: int = 0
    violations: list[str] = field(default_factory=list)

    def note(self, where: str, problem: str) -> None:
        """Add a violation, with the point at which it occurred."""
        self.violations.append(f"{where}: {problem}")
