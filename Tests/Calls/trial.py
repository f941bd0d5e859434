"""One command for which some calls are missing, and what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from calls import lack
from commands import VARIABLES, Command, Stores

# Where a program may leave a file that it should not.
PLACES = ["/tmp", "/dev/shm", "/var/tmp"]
WORKS = "works"


@dataclass(frozen=True)
class Ending:
    """What a command said, and what it left."""

    status: int
    errors: str
    state: str

    def said(self, kinds: str) -> list[str]:
        """Its messages of these kinds, without what differs from run to run."""
        found = re.findall(rf"^releases: (?:{kinds}): (.*)$", self.errors, re.MULTILINE)
        return [re.sub(r"[0-9a-f]{8}-[0-9a-f-]+|bench-[0-9]+|[0-9.]+s$", "", line) for line in found]

    def news(self, expected: Ending) -> list[str]:
        """What it said and was not expected to."""
        return [line for line in self.said("warning|error") if line not in
                expected.said("warning|error")]


@dataclass(frozen=True)
class Outcome:
    """Of one command under one filter: `works`, or what `check` said of it beforehand."""

    text: str
    is_violation: bool = False


class Bench:
    """Where trials of one process are made."""

    def __init__(self, stores: Stores, place: Path):
        self.stores = stores
        self.place = place
        self.checks: dict[tuple[str, str, str], list[str]] = {}
        self.expected: dict[Command, Ending] = {}
        place.mkdir(parents=True, exist_ok=True)

    def judge(self, command: Command, call: str, answer: str) -> Outcome:
        """Whether it works as it does with the call, or `check` said that it will not."""
        if command not in self.expected:
            self.expected[command] = self.run(command)
            if self.expected[command].status != command.status:
                return Outcome(f"without any filter: {self.expected[command]}", True)
        expected = self.expected[command]
        found = self.run(command, call, answer)
        news = found.news(expected)
        is_same = (found.status, found.state) == (expected.status, expected.state)
        if is_same and not news:
            return Outcome(WORKS)
        said = self.check(command.store, call, answer)
        if command.words == "check" and said and found.state == self.prepared(command):
            # It is the one that says so: a problem that it finds is its status.
            return Outcome(f"says: {'; '.join(said)}")
        messages = found.said("warning|error|cause")
        told = [line for line in said if any(reason(line) in message for message in messages)]
        if len(told) < len(news) or not news:
            return Outcome(f"{difference(expected, found)}; `check` says {said}", True)
        if found.status != 0 and found.state == self.prepared(command):
            return Outcome(f"refuses, as `check` says: {'; '.join(told)}")
        if is_same:
            return Outcome(f"{WORKS}, as `check` says: {'; '.join(told)}")
        return Outcome(f"{difference(expected, found)}; `check` says {said}", True)

    def check(self, store: str, call: str, answer: str) -> list[str]:
        """What `check` has to say that it does not say without the filter."""
        key = (store, call, answer)
        if key not in self.checks:
            lines = self.findings(store, call, answer)
            usual = self.findings(store)
            self.checks[key] = [line for line in lines if line not in usual]
        return self.checks[key]

    def findings(self, store: str, call: str = "", answer: str = "") -> list[str]:
        command = Command("check --json", store)
        ended = self.start(self.fresh(command), command, call, answer)
        try:
            found = json.loads(ended.stdout)
        except ValueError:
            return []
        findings = found.get("findings") or [found.get("error", {})]
        return [line["message"] for line in findings if line.get("level") != "ok"]

    def run(self, command: Command, call: str = "", answer: str = "") -> Ending:
        path = self.fresh(command)
        before = litter()
        ended = self.start(path, command, call, answer)
        left = sorted((litter() - before) | set(os.listdir(self.place)) - {"store"})
        return Ending(ended.returncode, ended.stderr.decode(errors="replace"),
                      state(self.stores.binary, path) + "".join(f"\nleft: {name}" for name in left))

    def prepared(self, command: Command) -> str:
        return state(self.stores.binary, self.fresh(command))

    def fresh(self, command: Command) -> Path:
        for path in self.place.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        path = self.place / "store"
        self.stores.copy(command.store, path)
        return path

    def start(
        self, path: Path, command: Command, call: str, answer: str
    ) -> subprocess.CompletedProcess[bytes]:
        words = [self.word(word) for word in command.words.split()]
        archive = self.stores.place / "NEW.tar.gz"
        with open(archive if command.request else os.devnull, "rb") as stdin:
            # One thread, so that running Python in the new process is safe.
            return subprocess.run(  # pylint: disable=subprocess-popen-preexec-fn
                [self.stores.binary, "--store", str(path), *words], stdin=stdin,
                capture_output=True, check=False, timeout=60,
                env={**VARIABLES, "SSH_ORIGINAL_COMMAND": command.request},
                preexec_fn=(lambda: lack(call, answer)) if call else None)

    def word(self, word: str) -> str:
        if word.startswith("NEW."):
            return str(self.stores.place / word)
        return word.replace("DIR", str(self.place))


def reason(line: str) -> str:
    """The part of a finding that the command says too: the call that failed, or all of it."""
    match = re.search(r"\(\w+\)$", line)
    return match[0] if match else line.split(":")[0]


def difference(expected: Ending, found: Ending) -> str:
    """For a person: what is not as it should be."""
    status = f"status {found.status} instead of {expected.status}"
    ours, theirs = expected.state.splitlines(), found.state.splitlines()
    lacks = [line for line in ours if line not in theirs][:3]
    has = [line for line in theirs if line not in ours][:3]
    return f"{status}; lacks {lacks}; has {has}; said {found.errors[:400]!r}"


def litter() -> set[str]:
    """The names in directories for temporary files that may be ours."""
    return {f"{place}/{name}" for place in PLACES for name in os.listdir(place)
            if name.startswith(".releases")}


def state(binary: str, path: Path) -> str:
    """All that a store says, without times, and what its files are."""
    lines: list[str] = []
    for top, directories, files in os.walk(path):
        for name in sorted([*directories, *files]):
            file = Path(top, name)
            lines += described(file, str(file.relative_to(path)))
    for catalog in sorted(path.glob(".releases/catalog/*")):
        entry = json.loads(catalog.read_bytes())
        pin = (entry.get("pin") or {}).get("reason")
        lines.append(f"{catalog.name}: {entry.get('state')} {entry.get('ref')} {pin}")
    if (path / ".releases/history.jsonl").exists():
        for line in (path / ".releases/history.jsonl").read_bytes().splitlines():
            entry = json.loads(line)
            lines.append(f"history: {entry.get('operation')} {entry.get('outcome')}")
    whole = subprocess.run([binary, "--store", str(path), "verify", "--all"], env=VARIABLES,
                           capture_output=True, check=False)
    return "\n".join([*sorted(lines), f"verify: {whole.returncode} {whole.stdout!r}"])


def described(file: Path, name: str) -> list[str]:
    """What a file is; what is in those with times in them does not matter."""
    status = file.lstat()
    if file.is_symlink():
        return [f"{name} -> {os.readlink(file)}"]
    if file.is_dir():
        return [f"{name}/ {status.st_mode:o}"]
    if name.startswith(".releases/"):
        return [f"{name} {status.st_mode:o}"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return [f"{name} {status.st_mode:o} {status.st_nlink} {digest}"]
