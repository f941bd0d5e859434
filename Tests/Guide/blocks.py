"""A guide in Markdown, taken apart into what a test can run.

A `console` block is what a person types and sees. What the test does between, such as breaking
something, stands in comments: <!-- test: shell commands -->. A `yaml` block is releases.yaml. A
`sh` block is for a real host only: of that, and of what stands in the text, just the commands and
options are checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest

PART = re.compile(r"^<!-- test:\s+(?P<hidden>.*?)\s-->$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
                  re.MULTILINE | re.DOTALL)
ID = re.compile(r"\b1[67]\d{8}\b")
ELISION = "..."

# What is another each time, and what stands for it in a comparison.
CHANGING = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\b\d+(\.\d+)? (KiB|MiB|GiB|TiB|B)\b"), "SIZE"),
    (re.compile(r"\b\d+(\.\d+)?(d|h|m|s)( ?\d+(m|s))?\b"), "SPAN"),
    (re.compile(r", \d+ inodes\b"), ""),
    (re.compile(r"\b\d+ (attempts?|tries)\b"), "COUNT"),
    (re.compile(r"\.(current|previous)\.[0-9a-f]{8}\b"), "LINK"),
    (re.compile(r"\b(pid|process) \d+\b"), "PROCESS"),
    (ID, "ID"),
    (re.compile(r" +"), " "),
]


@dataclass
class Command:
    """One line that is typed, and what is seen then."""

    line: str
    output: list[str] = field(default_factory=list)


@dataclass
class Part:
    """A block or a hidden comment, and where its text stands in the guide."""

    kind: str
    text: str
    span: tuple[int, int]

    @property
    def commands(self) -> list[Command]:
        commands: list[Command] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                commands.append(Command(line[2:]))
            elif commands and commands[-1].line.endswith("\\"):
                commands[-1].line += "\n" + line
            else:
                commands[-1].output.append(line)
        return commands


def parts(guide: str) -> list[Part]:
    found = []
    for match in PART.finditer(guide):
        group = "hidden" if match["hidden"] is not None else "text"
        found.append(Part(match["kind"] or "hidden", match[group], match.span(group)))
    return found


def plain(line: str) -> str:
    for pattern, name in CHANGING:
        line = pattern.sub(name, line)
    return line.strip()


def difference(expected: list[str], seen: list[str]) -> str | None:
    """The first line that is not as the guide has it; an elision stands for any lines."""
    if ELISION in expected:
        cut = expected.index(ELISION)
        tail = expected[cut + 1:]
        if len(seen) < cut + len(tail):
            return f"fewer lines than {len(expected) - 1}: {seen}"
        return (difference(expected[:cut], seen[:cut])
                or difference(tail, seen[len(seen) - len(tail):]))
    for wanted, line in zip_longest(expected, seen):
        if wanted is None or line is None or plain(wanted) != plain(line):
            return f"the guide has {wanted!r}, and it is {line!r}"
    return None


def without_elided(expected: list[str], seen: list[str]) -> list[str]:
    """Of the lines seen those that the guide has too."""
    if ELISION not in expected:
        return seen
    cut = expected.index(ELISION)
    tail = len(expected) - cut - 1
    return seen[:cut] + seen[len(seen) - tail:]


def as_elided(expected: list[str], seen: list[str]) -> list[str]:
    """The lines seen, with the same number left out before and after as the guide leaves out."""
    if ELISION not in expected:
        return seen
    cut = expected.index(ELISION)
    return seen[:cut] + [ELISION] + seen[len(seen) - (len(expected) - cut - 1):]
