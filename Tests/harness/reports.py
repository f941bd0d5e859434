"""Markdown for the RESULTS.md files, and promises that are noted rather than raised."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def cell(value: object, *, decimals: int = 1, limit: int | None = None) -> str:
    """Return the text of a table's cell: one line, in which `|` is escaped.

    decimals: of a number with a fraction.
    limit: the number of characters after which a text is cut.
    """
    if isinstance(value, bool):
        return "yes" if value else "**NO**"
    if isinstance(value, float):
        return f"{value:.{decimals}f}"
    text = re.sub(r"\s*\n\s*", "<br>", str(value).strip()).replace("|", "\\|")
    return text if limit is None or len(text) <= limit else f"{text[:limit]} …"


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    decimals: int = 1,
    limit: int | None = None,
) -> list[str]:
    """Return the lines of a table, and an empty line after it."""
    return [
        f"| {' | '.join(head)} |",
        "|" + "---|" * len(head),
        *(
            f"| {' | '.join(cell(value, decimals=decimals, limit=limit) for value in row)} |"
            for row in rows
        ),
        "",
    ]


@dataclass
class Promises:
    """Promises, of which those that do not hold are noted, so that a test can go on."""

    name: str
    title: str
    broken: list[str] = field(default_factory=list)

    def expect(self, holds: bool, promise: str) -> bool:
        """Note the promise as broken unless it holds, and return whether it does."""
        if not holds:
            self.broken.append(" / ".join(promise.strip().split("\n")))
        return holds
