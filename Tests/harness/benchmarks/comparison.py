"""A job that is done in several ways, each of which is measured in turn."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import Callable

# A program whose time is that of starting a process.
START = "/bin/true"


def do_nothing() -> None:
    """Prepare nothing."""


@dataclass
class Comparison:
    """A job that is done in several ways, the first of which is that of the tool."""

    job: str
    ways: dict[str, Callable[[], None]]
    # What prepares each way, and is not timed.
    prepare: Callable[[], None] = do_nothing
    # The highest ratio of the first way to each.
    goals: dict[str, float] = field(default_factory=dict)
    # How much longer than each the first way may take, in ms.
    margins: dict[str, float] = field(default_factory=dict)
    # The parts that the first way cannot do without. For each part these are the ways to do it, of
    # which the fastest counts.
    lower_bound: list[tuple[str, ...]] = field(default_factory=list)
    # Why a goal may be out of reach, by the other way; it is printed where the goal is missed.
    reasons: dict[str, str] = field(default_factory=dict)
    # Each way is run once more right before it is timed, and so pays for what it leaves undone.
    is_repeated: bool = False
    # The reasons of the goals that were missed.
    missed: list[str] = field(default_factory=list, init=False)

    def rows(self, runs: int) -> list[str]:
        """Measure all ways, and return the rows of the table."""
        times: dict[str, list[float]] = {name: [] for name in self.ways}
        for _ in range(runs):
            for name, way in self.ways.items():
                self.prepare()
                if self.is_repeated:
                    way()
                start = time.monotonic()
                way()
                times[name].append((time.monotonic() - start) * 1e3)
        own = statistics.median(next(iter(times.values())))
        lower_bound = self._lower_bound(
            {name: statistics.median(spent) for name, spent in times.items()}
        )
        lines = []
        self.missed = []
        for number, (name, spent) in enumerate(times.items()):
            middle = statistics.median(spent)
            verdict = ""
            if name in self.goals:
                if own / middle > self.goals[name]:
                    self.missed.append(f"- {self.job}, {name}: {self.reasons.get(name, 'unknown')}")
                verdict = goal_in_words(
                    f"{self.goals[name]:.2f}",
                    own / middle <= self.goals[name],
                    0 if (name,) in self.lower_bound else lower_bound / middle,
                )
            elif name in self.margins:
                verdict = goal_in_words(
                    f"+{self.margins[name]:.1f} ms", own - middle <= self.margins[name]
                )
            ratio = "" if number == 0 else f"{own / middle:.2f}"
            lines.append(
                f"| {self.job if number == 0 else ''} | {name} | {middle:.1f} "
                f"| {min(spent):.1f}-{max(spent):.1f} | {ratio} | {verdict} |"
            )
        return lines

    def _lower_bound(self, medians: dict[str, float]) -> float:
        parts = [min(medians[name] for name in names) for names in self.lower_bound]
        return sum(parts) - max(0, len(parts) - 1) * medians.get(START, 0)


def goal_in_words(goal: str, is_met: bool, lower_bound: float = 0) -> str:
    """Return whether a goal is met, and where it is not, the ratio of the lower bound."""
    return f"{goal} " + (
        "met" if is_met else f"MISSED; lower bound {lower_bound:.2f}" if lower_bound else "MISSED"
    )
