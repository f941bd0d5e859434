"""Reads what can become wrong in releases-store(7): its names, numbers and commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.assertions import expect

if TYPE_CHECKING:
    from pathlib import Path

ESCAPES = {
    "\\e": "\\", "\\(dq": '"', "\\(aq": "'", "\\(ga": "`", "\\(ha": "^", "\\(ti": "~",
    "\\&": "", "\\-": "-",
}  # fmt: skip


def unescaped(text: str) -> str:
    """Replace roff's escapes with what they print."""
    return re.sub(r"\\(e|\([a-z]{2}|&|-)", lambda match: ESCAPES[match[0]], text)


class ManualPage:
    """A manual page, by the headings of its sections."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text()
        pieces = re.split(r"^\.S[hs] (.*)\n", self.text, flags=re.MULTILINE)[1:]
        self.sections = dict(zip(pieces[::2], pieces[1::2]))

    def section(self, beginning: str) -> str:
        """Return the one section whose heading begins with this text."""
        found = [text for name, text in self.sections.items() if name.startswith(beginning)]
        expect(len(found) == 1, f"one section begins with {beginning!r}, not {len(found)}")
        return found[0]

    def number(self, pattern: str, section: str) -> int:
        """Return the number that the first group of a pattern matches in a section."""
        match = re.search(pattern, " ".join(self.section(section).split("\n")))
        expect(match is not None, f"{section} has a number: {pattern}")
        return int(match[1]) if match else 0

    def fields(self, section: str) -> set[str]:
        """Return the members that a section describes, each as the term of a list."""
        terms = re.findall(r"^\.It Cm (.*)$", self.section(section), re.MULTILINE)
        return {name for term in terms for name in term.split(" , ")}

    def values(self, section: str, field: str) -> set[str]:
        """Return the values that the description of a member names."""
        text = self.section(section)
        begin = re.search(rf"^\.It Cm .*\b{field}\b.*\n", text, re.MULTILINE)
        expect(begin is not None, f"{section} describes {field}")
        rest = text[begin.end() :] if begin else ""
        body = re.split(r"^\.(?:It|El)\b", rest, flags=re.MULTILINE)[0]
        lines = re.findall(r"^\.Li (.*)$", body, re.MULTILINE)
        return {word for line in lines for word in line.split() if re.match(r"[a-z]", word)}

    def files(self) -> list[str]:
        """Return the names in the list of files."""
        return re.findall(r"^\.It Pa (.*)$", self.section("FILES"), re.MULTILINE)

    def commands(self, section: str) -> list[str]:
        """Return the literal blocks of a section, as a person types them."""
        blocks = re.findall(
            r"^\.Bd -literal.*?\n(.*?)^\.Ed", self.section(section), re.MULTILINE | re.DOTALL
        )
        return [unescaped(block) for block in blocks]
