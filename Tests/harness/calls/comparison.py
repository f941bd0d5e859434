"""Compares what a command does on a restricted machine with what it does on this one."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.calls.commands import Command
from harness.calls.execution import Ending, Execution
from harness.store import Store
from harness.tool_messages import OPEN_FILE_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.calls.restrictions import Restriction
    from harness.calls.stores import Stores

WORKS = "works"


@dataclass(frozen=True)
class Outcome:
    """What one command did under one restriction: it works, or it does what `check` announces."""

    text: str
    is_violation: bool = False


class Comparison:
    """The comparisons of one process, in a directory of its own."""

    def __init__(self, stores: Stores, work: Path) -> None:
        self.stores = stores
        self.work = work
        self.announcements: dict[tuple[str, Restriction], list[str]] = {}
        self.expected: dict[Command, Ending] = {}
        work.mkdir(parents=True, exist_ok=True)

    def compare(self, command: Command, restriction: Restriction) -> Outcome:
        """Return whether a command works as it does without the restriction.

        Where it does not, `check` has to announce that beforehand.
        """
        if command not in self.expected:
            self.expected[command] = self.run(command)
            if self.expected[command].status != command.status:
                return Outcome(f"without any restriction: {self.expected[command]}", True)
        expected = self.expected[command]
        found = self.run(command, restriction)
        news = found.new_messages(expected)
        is_same = (found.status, found.state) == (expected.status, expected.state)
        if is_same and not news:
            return Outcome(WORKS)
        announced = self.announced(command.store, restriction)
        is_unchanged = found.state == self.fresh_state(command)
        if command.words == "check" and announced and is_unchanged:
            # It is the one that announces; a problem that it finds is its exit status.
            return Outcome(f"says: {'; '.join(announced)}")
        messages = found.messages("warning|error|cause")
        used = [line for line in announced if any(reason(line) in text for text in messages)]
        if len(used) >= len(news) and news:
            if found.status != 0 and is_unchanged:
                return Outcome(f"refuses, as `check` says: {'; '.join(used)}")
            if is_same:
                return Outcome(f"{WORKS}, as `check` says: {'; '.join(used)}")
        return Outcome(f"{difference(expected, found)}; `check` says {announced}", True)

    def announced(self, kind: str, restriction: Restriction) -> list[str]:
        """Return the findings that `check` has under the restriction alone."""
        key = (kind, restriction)
        if key not in self.announcements:
            usual = self.findings(kind)
            lines = self.findings(kind, restriction)
            self.announcements[key] = [line for line in lines if line not in usual]
        return self.announcements[key]

    def findings(self, kind: str, restriction: Restriction | None = None) -> list[str]:
        """Return what `check` finds that is not in order."""
        ended = self.execution(Command("check --json", kind)).start(restriction)
        try:
            found = ended.json
        except ValueError:
            return []
        findings = found.get("findings") or [found.get("error", {})]
        return [line["message"] for line in findings if line.get("level") != "ok"]

    def run(self, command: Command, restriction: Restriction | None = None) -> Ending:
        """Run a command on a fresh copy of its store."""
        return self.execution(command).run(restriction)

    def fresh_state(self, command: Command) -> str:
        """Return the state of a command's store before the command is run."""
        return self.execution(command).state()

    def execution(self, command: Command) -> Execution:
        """Make a fresh copy of a command's store, and nothing else, in the work directory."""
        for path in self.work.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        store = Store(self.stores.binary, self.work / "store")
        self.stores.copy(command.store, store.path)
        return Execution(command, store, self.stores.work)


def reason(line: str) -> str:
    """Return the part of a finding that the command's message has too.

    That is the call that failed, what is used up, or the whole finding.
    """
    if line.startswith(OPEN_FILE_LIMIT):
        return "too many open files"
    match = re.search(r"\(\w+\)$", line)
    return match[0] if match else line.split(":", maxsplit=1)[0]


def difference(expected: Ending, found: Ending) -> str:
    """Describe for a person what is not as it should be."""
    status = f"status {found.status} instead of {expected.status}"
    ours, theirs = expected.state.splitlines(), found.state.splitlines()
    missing = [line for line in ours if line not in theirs][:3]
    added = [line for line in theirs if line not in ours][:3]
    return f"{status}; lacks {missing}; has {added}; printed {found.errors[:400]!r}"
