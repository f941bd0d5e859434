"""Splits a guide in Markdown into the parts that a test can run.

A `console` block is what a person types and sees. What the test does in between, such as breaking
something, is in comments: <!-- test: shell commands -->. A `yaml` block is releases.yaml, or the
file that a comment in its first line names. A `sh`
block is for a real host only; of such blocks and of the text, only the commands and options are
checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest

PART = re.compile(
    r"^<!-- test:\s+(?P<hidden>.*?)\s-->$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
ID = re.compile(r"\b1[67]\d{8}\b")
PROCESS = re.compile(r"(?<=\bpid[ =])\d+|(?<=\bprocess )\d+")
# A line of the output that stands for any lines.
ELLIPSIS = "..."

# What differs in each run, and what replaces it before lines are compared.
CHANGING = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\b\d+(\.\d+)? (KiB|MiB|GiB|TiB|B)\b"), "SIZE"),
    (re.compile(r"\b\d+(\.\d+)?(d|h|m|ms|s)( ?\d+(m|s))?\b"), "SPAN"),
    (re.compile(r", \d+ inodes\b"), ""),
    (re.compile(r"\b\d+ (attempts?|tries)\b"), "COUNT"),
    (re.compile(r"\b\d+ of \d+ s(, (try|attempt) \d+)?"), "PROGRESS"),
    (re.compile(r"\.(current|previous)\.[0-9a-f]{8}\b"), "LINK"),
    (PROCESS, "PROCESS"),
    (re.compile(r"/proc/\d+\b"), "/proc/PID"),
    (re.compile(r"\bfd=\d+\b"), "DESCRIPTOR"),
    (re.compile(r"\b\d+(\.\d+)?[KMG]\b"), "SIZE"),
    (ID, "ID"),
    (re.compile(r" +"), " "),
]


@dataclass
class Command:
    """One line that a person types, and the lines that it prints."""

    line: str
    output: list[str] = field(default_factory=list)


@dataclass
class Part:
    """A block or a hidden comment, and where its text is in the guide."""

    kind: str
    text: str
    span: tuple[int, int]

    @property
    def commands(self) -> list[Command]:
        """The commands of a `console` block."""
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
    """Return the parts of a guide in their order."""
    found = []
    for match in PART.finditer(guide):
        group = "hidden" if match["hidden"] is not None else "text"
        found.append(Part(match["kind"] or "hidden", match[group], match.span(group)))
    return found


def normalized(line: str) -> str:
    """Return a line without what differs in each run."""
    for pattern, name in CHANGING:
        line = pattern.sub(name, line)
    return line.strip()


def difference(expected: list[str], seen: list[str]) -> str | None:
    """Describe the first line that differs from the guide; None when there is none."""
    if ELLIPSIS in expected:
        start = expected.index(ELLIPSIS)
        tail = expected[start + 1 :]
        if len(seen) < start + len(tail):
            return f"fewer lines than {len(expected) - 1}: {seen}"
        return difference(expected[:start], seen[:start]) or difference(
            tail, seen[len(seen) - len(tail) :]
        )
    for wanted, line in zip_longest(expected, seen):
        if wanted is None or line is None or normalized(wanted) != normalized(line):
            return f"the guide has {wanted!r}, and the output has {line!r}"
    return None


def lines_in_guide(expected: list[str], seen: list[str]) -> list[str]:
    """Return the lines of the output that the guide has too."""
    if ELLIPSIS not in expected:
        return seen
    start = expected.index(ELLIPSIS)
    tail = len(expected) - start - 1
    return seen[:start] + seen[len(seen) - tail :]


def shortened_like_guide(expected: list[str], seen: list[str]) -> list[str]:
    """Return the output with an ellipsis at the place where the guide has one."""
    if ELLIPSIS not in expected:
        return seen
    start = expected.index(ELLIPSIS)
    return [*seen[:start], ELLIPSIS, *seen[len(seen) - (len(expected) - start - 1) :]]
