"""What releases-store(7) says that can drift: the names, numbers and commands in it."""

from __future__ import annotations

import re
from pathlib import Path

ESCAPES = {"\\e": "\\", "\\(dq": '"', "\\(aq": "'", "\\&": "", "\\-": "-"}


def plain(text: str) -> str:
    """Roff's escapes as what they print."""
    return re.sub(r"\\(e|\(dq|\(aq|&|-)", lambda match: ESCAPES[match[0]], text)


class Page:
    """The manual page, by the headings of its sections."""

    def __init__(self, path: Path):
        self.text = path.read_text()
        pieces = re.split(r"^\.S[hs] (.*)\n", self.text, flags=re.MULTILINE)[1:]
        self.sections = dict(zip(pieces[::2], pieces[1::2]))

    def section(self, beginning: str) -> str:
        found = [text for name, text in self.sections.items() if name.startswith(beginning)]
        assert len(found) == 1, f"{len(found)} sections begin with {beginning!r}"
        return found[0]

    def fields(self, section: str) -> set[str]:
        """The members that a section describes, each as the term of a list."""
        terms = re.findall(r"^\.It Cm (.*)$", self.section(section), re.MULTILINE)
        return {name for term in terms for name in term.split(" , ")}

    def values(self, section: str, field: str) -> set[str]:
        """The values that the description of a member names."""
        text = self.section(section)
        begin = re.search(rf"^\.It Cm .*\b{field}\b.*\n", text, re.MULTILINE)
        assert begin, f"{section} has no {field}"
        body = re.split(r"^\.(?:It|El)\b", text[begin.end():], flags=re.MULTILINE)[0]
        lines = re.findall(r"^\.Li (.*)$", body, re.MULTILINE)
        return {word for line in lines for word in line.split() if re.match(r"[a-z]", word)}

    def files(self) -> list[str]:
        """The names in the list of files."""
        return re.findall(r"^\.It Pa (.*)$", self.section("FILES"), re.MULTILINE)

    def commands(self, section: str) -> list[str]:
        """The literal blocks of a section, as they are typed."""
        blocks = re.findall(
            r"^\.Bd -literal.*?\n(.*?)^\.Ed", self.section(section), re.MULTILINE | re.DOTALL)
        return [plain(block) for block in blocks]
