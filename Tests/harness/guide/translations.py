"""Compares two guides that say the same in two languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise, expect
from harness.guide.markdown_guide import normalized, parts

if TYPE_CHECKING:
    from pathlib import Path

    from harness.guide.markdown_guide import Part

QUOTED = re.compile(r"'([^']*)'")
NUMBER = re.compile(r"\b\d{2,7}\b")
HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)


class Translation:
    """Two guides, of which the second has the texts of the first in another language."""

    def __init__(self, first: Path, second: Path) -> None:
        self.first, self.second = first, second
        # What a person types in quotes: reasons, by those of the first guide.
        self.reasons: dict[str, str] = {}

    def compare(self) -> None:
        """Compare headings, blocks and tables."""
        texts = [path.read_text() for path in (self.first, self.second)]
        levels = [[len(marks) for marks, _ in HEADING.findall(without_blocks(t))] for t in texts]
        expect(levels[0] == levels[1], f"both guides have the same headings: {levels}")
        pieces = [parts(text) for text in texts]
        kinds = [[part.kind for part in found] for found in pieces]
        expect(kinds[0] == kinds[1], "both guides have the same blocks in the same order")
        for one, other in zip(*pieces):
            self.learn_reasons(one, other)
        for one, other in zip(*pieces):
            self.compare_blocks(one, other)
        self.compare_tables(*(without_blocks(text) for text in texts))
        print(f"runbook: {len(kinds[0])} blocks are the same in both languages")

    def learn_reasons(self, one: Part, other: Part) -> None:
        """Note the quoted texts that stand at the same place in both guides."""
        if one.kind != "console":
            return
        for command, translated in zip(one.commands, other.commands):
            pairs = zip(QUOTED.findall(command.line), QUOTED.findall(translated.line))
            self.reasons |= {old: new for old, new in pairs if not old.isascii()}

    def translated(self, text: str) -> str:
        """Replace the quoted texts of the first guide by those of the second."""
        for old, new in self.reasons.items():
            text = text.replace(old, new)
        return text

    def compare_blocks(self, one: Part, other: Part) -> None:
        """A block says the same in both guides, but for what differs in each run."""
        lines = [self.translated(one.text).splitlines(), other.text.splitlines()]
        for wanted, found in zip(*lines):
            # Each guide ran on its own host, where a process has another number.
            same = NUMBER.sub("N", normalized(wanted)) == NUMBER.sub("N", normalized(found))
            if not same:
                names = f"{self.first.name} has {wanted!r}, and {self.second.name} has {found!r}"
                raise BrokenPromise(f"a block is the same in both guides: {names}")
        same_length = len(lines[0]) == len(lines[1])
        expect(same_length, f"a block has as many lines in both guides: {lines[0][0]}")

    def compare_tables(self, first: str, second: str) -> None:
        """The rows of the tables name the same commands, in the same order."""
        rows = [re.findall(r"^\|.*\|$", text, re.MULTILINE) for text in (first, second)]
        for one, other in zip(*rows):
            names = [sorted(re.findall("`[^`]+`", row)) for row in (self.translated(one), other)]
            expect(names[0] == names[1], f"a row names the same commands: {one} {other}")
        counts = [len(found) for found in rows]
        expect(counts[0] == counts[1], f"both guides have as many rows: {counts}")


def without_blocks(guide: str) -> str:
    """Return the text of a guide between its blocks."""
    for part in reversed(parts(guide)):
        guide = guide[: part.span[0]] + guide[part.span[1] :]
    return guide


def headings(guide: str) -> set[str]:
    """Return the headings of a guide."""
    return {text for _, text in HEADING.findall(without_blocks(guide))}
