"""A person at a host, who does what a guide says."""

from __future__ import annotations

import re
from pathlib import Path

from harness.assertions import BrokenPromise, expect
from harness.guide.markdown_guide import (
    ELLIPSIS,
    ID,
    PROCESS,
    Command,
    Part,
    difference,
    lines_in_guide,
    parts,
    shortened_like_guide,
)
from harness.guide.typing_shell import TypingShell
from harness.repository import ROOT

STORE = Path("/opt/diting")
# Where a command line has the ID of a process.
TYPED_PROCESS = re.compile(r"(?<=^kill )\d+|(?<=/proc/)\d+")


def newest_release(ref: str) -> str:
    """Return the newest release of a ref."""
    entries = sorted((STORE / ".releases/catalog").glob("*.json"))
    for entry in reversed(entries):
        if f'"ref":"{ref}"' in entry.read_text():
            return entry.stem
    raise BrokenPromise(f"the store has a release of {ref}")


def with_release_ids(line: str) -> str:
    """Replace {v1.2} by the release of that ref, for which the guide has no ID yet.

    {fixtures} is the directory of the stores that other tools made.
    """
    line = line.replace("{fixtures}", str(ROOT / "Fixtures/stores"))
    return re.sub(r"\{(v[0-9.]+)\}", lambda match: newest_release(match[1]), line)


class Session:
    """A person at the host, who types what the guide says."""

    def __init__(self, writes: bool) -> None:
        """Begin with a host on which nothing was typed.

        writes: whether the parts of the guide get the real output, rather than being compared.
        """
        self.writes = writes
        # The IDs of releases and processes of this run, by those of the guide.
        self.ids: dict[str, str] = {}
        self.count = 0

    def with_real_ids(self, text: str) -> str:
        """Replace the guide's IDs of releases and processes by those of this run."""
        text = ID.sub(lambda match: self.ids.get(match[0], match[0]), text)
        return re.sub(
            r"(?<=^kill )\d+|(?<=/proc/)\d+", lambda match: self.ids.get(match[0], match[0]), text
        )

    def learn_ids(self, expected: list[str], seen: list[str]) -> None:
        """Note which IDs of this run are printed where the guide has its own."""
        for wanted, line in zip([text for text in expected if text != ELLIPSIS], seen):
            for old, new in zip(ID.findall(wanted), ID.findall(line)):
                known = self.ids.setdefault(old, new)
                expect(known == new, f"{old} stands for {known}, not for {new} in: {line}")
            self.ids |= dict(zip(PROCESS.findall(wanted), PROCESS.findall(line)))

    def pair_new_ids(self, expected: list[str], seen: list[str]) -> None:
        """Note which IDs stand for those that the guide has not named before.

        Their order decides, since lines that are about to be written may differ in all else.
        """
        old = [name for name in ID.findall("\n".join(expected)) if name not in self.ids]
        known = set(self.ids.values())
        new = [name for name in ID.findall("\n".join(seen)) if name not in known]
        self.ids.update(zip(dict.fromkeys(old), dict.fromkeys(new)))
        processes_of_guide = PROCESS.findall("\n".join(expected))
        self.ids.update(zip(processes_of_guide, PROCESS.findall("\n".join(seen))))

    def perform(self, part: Part) -> str:
        """Run a part, and return its text with the output that was printed."""
        if part.kind == "hidden":
            self.type([Command(part.text, [ELLIPSIS])])
        elif part.kind == "yaml":
            named = re.match(r"# (/\S+)\n", part.text)
            path = Path(named[1]) if named else STORE / "releases.yaml"
            path.write_text(part.text.replace("timeout: 60s", "timeout: 2s"))
        elif part.kind == "console":
            self.count += len(part.commands)
            return self.type(part.commands)
        return part.text

    def type(self, commands: list[Command]) -> str:
        """Type commands in one shell, and return them with their output."""
        shell = TypingShell()
        for command in commands:
            line = self.with_real_ids(with_release_ids(command.line))
            seen = shell.type(line)
            if self.writes:
                self.pair_new_ids(command.output, seen)
                command.line = line
                command.output = shortened_like_guide(command.output, seen)
                continue
            problem = difference(command.output, seen)
            if problem:
                printed = "\n".join(seen)
                raise BrokenPromise(f"$ {line}\n{problem}\nThe whole output is:\n{printed}")
            self.learn_ids(command.output, lines_in_guide(command.output, seen))
        shell.close()
        return "".join(
            f"$ {command.line}\n" + "".join(f"{line}\n" for line in command.output)
            for command in commands
        )


def follow_guide(path: Path, writes: bool) -> None:
    """Do, on the host, everything that the guide says."""
    guide = path.read_text()
    session = Session(writes)
    written = ""
    end = 0
    for part in parts(guide):
        between = guide[end : part.span[0]]
        try:
            written += session.with_real_ids(with_release_ids(between)) if writes else between
            written += session.perform(part)
        except BrokenPromise as broken:
            line = guide[: part.span[0]].count("\n") + 1
            raise BrokenPromise(f"{path.name}:{line}: {broken}") from broken
        end = part.span[1]
    if writes:
        path.write_text(written + guide[end:])
    print(f"{path.name}: {session.count} commands print what the guide says")
