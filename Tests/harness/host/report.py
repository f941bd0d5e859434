"""What was seen in each scenario, and the RESULTS.md that is made of it."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.reports import Promises, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DECIMALS = 2
LONGEST_CELL = 700


@dataclass
class Row(Promises):
    """One scenario: what was seen, and the promises that were broken."""

    seen: list[str] = field(default_factory=list)
    seconds: float = 0
    details: list[str] = field(default_factory=list)
    # The seconds that each restoration took beyond the time limit of the health check.
    restorations: list[float] = field(default_factory=list)

    def saw(self, text: str) -> None:
        """Note what was seen."""
        self.seen.append(text)

    def table(self, text: str, head: list[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table for what does not fit into a row."""
        cells = table(head, rows, decimals=DECIMALS, limit=LONGEST_CELL)
        self.details += [f"### {self.title}", "", text, "", *cells]

    def fill(self, run: Callable[[Row], None]) -> None:
        """Run the scenario; an exception is a broken promise too."""
        start = time.monotonic()
        try:
            run(self)
        except Exception as error:
            traceback.print_exc()
            self.broken.append(f"{type(error).__name__}: {' / '.join(str(error).splitlines())}")
        self.seconds = time.monotonic() - start


def _verdict(rows: list[Row]) -> list[str]:
    broken = [f"- {row.title}: {promise}" for row in rows for promise in row.broken]
    if not broken:
        return ["All promises were kept.", ""]
    return [f"**{len(broken)} promises were broken:**", "", *broken, ""]


def _slowest(rows: list[Row]) -> list[str]:
    times = [(seconds, row.title) for row in rows for seconds in row.restorations]
    if not times:
        return []
    seconds, title = max(times)
    return [
        f"The slowest restoration took {seconds:.2f} s beyond the health check's time limit "
        f"({title}); {len(times)} were timed.",
        "",
    ]


def _old_version(old: list[Row]) -> list[str]:
    failed = [row for row in old if row.broken]
    return [
        "## With the package of 0.1",
        "",
        f"With the package of 0.1, {len(failed)} of {len(old)} of these scenarios break a promise.",
        "",
        *table(
            ["scenario", "the first promise that is broken"],
            [[row.title, row.broken[0]] for row in failed],
            limit=LONGEST_CELL,
        ),
    ]


def markdown(head: list[str], rows: list[Row], old: list[Row]) -> str:
    """Return the whole report.

    old: the same scenarios with the package of 0.1.
    """
    scenarios = table(
        ["scenario", "as promised", "what was seen", "seconds"],
        [[row.title, not row.broken, "; ".join(row.seen), row.seconds] for row in rows],
        decimals=DECIMALS,
        limit=LONGEST_CELL,
    )
    lines = [*head, "", *_verdict(rows), *_slowest(rows), "## Scenarios", "", *scenarios]
    if old:
        lines += _old_version(old)
    for row in rows:
        lines += row.details
    return "\n".join(lines).rstrip() + "\n"
