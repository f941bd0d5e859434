"""What was seen, as Markdown: one row a situation, and tables of what has more to tell."""

import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST = 700


def cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "**NO**"
    if isinstance(value, float):
        return f"{value:.2f}"
    text = re.sub(r"\s*\n\s*", "<br>", str(value).strip()).replace("|", "\\|")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def table(head: list[str], rows: list[list[object]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |", "|" + "---|" * len(head),
        *(f"| {' | '.join(cell(value) for value in row)} |" for row in rows), ""]


@dataclass
class Row:
    """One situation: what was seen, and which promises did not hold."""

    name: str
    title: str
    seen: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0
    details: list[str] = field(default_factory=list)
    # How long each restoration took beyond the time limit of the health check.
    restorations: list[float] = field(default_factory=list)

    def saw(self, text: str) -> None:
        self.seen.append(text)

    def expect(self, holds: bool, promise: str) -> bool:
        """Notes a promise that was not kept; returns what it was given."""
        if not holds:
            self.broken.append(" / ".join(promise.split("\n")))
        return holds

    def table(self, text: str, head: list[str], rows: list[list[object]]) -> None:
        """More to tell than fits into a row."""
        self.details += [f"### {self.title}", "", text, "", *table(head, rows)]

    def fill(self, run: Callable[["Row"], None]) -> None:
        """Runs the situation; what it raises breaks a promise too."""
        start = time.monotonic()
        try:
            run(self)
        except Exception as error:  # pylint: disable=broad-exception-caught
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
    return [f"The slowest restoration took {seconds:.2f} s beyond the health check's time limit "
            f"({title}); {len(times)} were timed.", ""]


def markdown(head: list[str], rows: list[Row], old: list[Row]) -> str:
    """The whole report; old: the same situations with the package of 0.1."""
    lines = [*head, "", *_verdict(rows), *_slowest(rows), "## Situations", "", *table(
        ["situation", "as promised", "what was seen", "seconds"],
        [[row.title, not row.broken, "; ".join(row.seen), row.seconds] for row in rows])]
    if old:
        red = [row for row in old if row.broken]
        lines += [
            "## With the package of 0.1", "",
            f"The same situations with the package of 0.1: {len(red)} of {len(old)} are not as "
            "promised.", "", *table(
                ["situation", "the first promise that is broken"],
                [[row.title, row.broken[0]] for row in red])]
    for row in rows:
        lines += row.details
    return "\n".join(lines).rstrip() + "\n"
