"""Runs one command on one store, and describes everything that it leaves."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.processes import MINIMAL_ENVIRONMENT, Run

if TYPE_CHECKING:
    from harness.calls.commands import Command
    from harness.calls.restrictions import Restriction
    from harness.store import Store

# Where a program may leave a file that it should not.
SESSIONS = ".releases/sessions"
TEMPORARY_DIRECTORIES = ["/tmp", "/dev/shm", "/var/tmp"]
# Parts of messages that differ in each run: UUIDs, process directories and times.
CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]+|process-[0-9]+|[0-9.]+s$")


@dataclass(frozen=True)
class Ending:
    """What a command printed to standard error, and what it left."""

    status: int
    errors: str
    state: str

    def messages(self, kinds: str) -> list[str]:
        """Return its messages of these kinds, without what differs in each run."""
        found = re.findall(rf"^releases: (?:{kinds}): (.*)$", self.errors, re.MULTILINE)
        return [CHANGING.sub("", line) for line in found]

    def new_messages(self, expected: Ending) -> list[str]:
        """Return the warnings and errors that were not expected."""
        usual = expected.messages("warning|error")
        return [line for line in self.messages("warning|error") if line not in usual]


@dataclass(frozen=True)
class Execution:
    """A command, a copy of its store, and the directory of the archives."""

    command: Command
    store: Store
    archives: Path

    def run(self, restriction: Restriction | None) -> Ending:
        """Run the command, and describe what it leaves."""
        before = temporary_files()
        ended = self.start(restriction)
        work = self.store.path.parent
        left = sorted((temporary_files() - before) | set(os.listdir(work)) - {"store"})
        state = self.state() + "".join(f"\nleft: {name}" for name in left)
        return Ending(ended.status, ended.errors, state)

    def start(self, restriction: Restriction | None) -> Run:
        """Run the command to its end."""
        words = [self.word(word) for word in self.command.words.split()]
        archive = self.archives / "NEW.tar.gz"
        with open(archive if self.command.request else os.devnull, "rb") as stdin:
            # This process has one thread, so Python code is safe in the new process.
            ended = subprocess.run(
                self.store.command(*words),
                stdin=stdin,
                capture_output=True,
                check=False,
                timeout=60,
                env={**MINIMAL_ENVIRONMENT, "SSH_ORIGINAL_COMMAND": self.command.request},
                preexec_fn=restriction.apply if restriction else None,
            )
        output, errors = (text.decode(errors="replace") for text in (ended.stdout, ended.stderr))
        return Run(ended.returncode, output, errors, 0)

    def word(self, word: str) -> str:
        """Replace the names that stand for paths."""
        if word.startswith("NEW."):
            return str(self.archives / word)
        return word.replace("DIR", str(self.store.path.parent))

    def state(self) -> str:
        """Describe the store: its files, what they say without times, and what `verify` says."""
        root = self.store.path
        lines: list[str] = []
        for top, directories, files in os.walk(root):
            for name in sorted([*directories, *files]):
                file = Path(top, name)
                path = str(file.relative_to(root))
                # The empty files that keys lock say nothing about the store.
                if not path.startswith(SESSIONS):
                    lines.append(described(file, path))
        lines += catalog_lines(root) + history_lines(root)
        verify = self.store.run("verify", "--all")
        return "\n".join([*sorted(lines), f"verify: {verify.status} {verify.output!r}"])


def temporary_files() -> set[str]:
    """Return the tool's files in directories for temporary files."""
    return {
        f"{directory}/{name}"
        for directory in TEMPORARY_DIRECTORIES
        for name in os.listdir(directory)
        if name.startswith(".releases")
    }


def catalog_lines(root: Path) -> list[str]:
    """Describe the catalog's entries without times."""
    lines = []
    for path in sorted(root.glob(".releases/catalog/*")):
        entry = json.loads(path.read_bytes())
        pin = (entry.get("pin") or {}).get("reason")
        lines.append(f"{path.name}: {entry.get('state')} {entry.get('ref')} {pin}")
    return lines


def history_lines(root: Path) -> list[str]:
    """Describe the history's entries without times."""
    path = root / ".releases/history.jsonl"
    entries = map(json.loads, path.read_bytes().splitlines() if path.exists() else [])
    return [f"history: {entry.get('operation')} {entry.get('outcome')}" for entry in entries]


def described(file: Path, name: str) -> str:
    """Describe a file; the content of the tool's own files has times, and is left out."""
    status = file.lstat()
    if file.is_symlink():
        return f"{name} -> {os.readlink(file)}"
    if file.is_dir():
        return f"{name}/ {status.st_mode:o}"
    if name.startswith(".releases/"):
        return f"{name} {status.st_mode:o}"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return f"{name} {status.st_mode:o} {status.st_nlink} {digest}"
