"""Runs every command without system calls: it works as before, or `check` has said it will not.

    run.py BINARY --work DIRECTORY [--report FILE] [--share PART] [--only TEXT]

Each call that Linux 4.18 lacks, or that containers, systemd units and file systems take away, gets
ENOSYS, EPERM and EINVAL for an answer. Beside that there are few descriptors, and as root no `/proc`
or a root directory that is read-only. `Works` means: the same exit status, and the same store to the
last mode and link, as without. Ends with 1 after any violation. As root it works on an XFS of its
own, where files can share blocks.
"""

from __future__ import annotations

import argparse
import hashlib
import http.server
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from calls import conditions
from commands import COMMANDS, Command, Stores
from trial import WORKS, Bench, Outcome

Task = tuple[str, str, tuple[Command, ...]]
Results = dict[tuple[str, str], dict[Command, Outcome]]


class Healthy(http.server.BaseHTTPRequestHandler):
    """A service that works."""

    def do_GET(self) -> None:  # pylint: disable=invalid-name
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:  # pylint: disable=arguments-differ
        """Says nothing."""


class Disk:
    """An XFS in memory, or a plain directory where none can be had."""

    def __init__(self, work: Path):
        self.memory = work / "memory"
        self.path = work / "disk"
        self.is_mounted = os.geteuid() == 0 and shutil.which("mkfs.xfs", path="/usr/sbin:/sbin")

    def __enter__(self) -> Path:
        self.remove()
        self.path.mkdir(parents=True)
        if self.is_mounted:
            self.memory.mkdir(parents=True)
            run("mount", "-t", "tmpfs", "-o", "size=1g", "calls", self.memory)
            image = self.memory / "xfs"
            run("truncate", "-s", "900M", image)
            run("mkfs.xfs", "-q", "-m", "reflink=1", image)
            run("mount", "-o", "loop", image, self.path)
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        for place in (self.path, self.memory):
            if place.is_mount():
                run("umount", place)
            shutil.rmtree(place, ignore_errors=True)


def run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True)


def chosen(command: Command, call: str, answer: str, share: float) -> bool:
    """The same part of all trials each time."""
    digest = hashlib.sha256(f"{command.name} {call} {answer}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def tasks(options: argparse.Namespace) -> list[Task]:
    """Per call and answer the commands that get it."""
    found: list[Task] = []
    for call, answer in conditions():
        selected = tuple(
            command for command in COMMANDS if chosen(command, call, answer, options.share)
            and options.only in f"{command.name} {call} {answer}")
        if selected:
            found.append((call, answer, selected))
    return found


BENCHES: list[Bench] = []


def begin(binary: str, disk: str, port: int) -> None:
    """Each process has a place of its own."""
    BENCHES.append(Bench(Stores(binary, Path(disk), port), Path(disk) / f"bench-{os.getpid()}"))


def judge(task: Task) -> tuple[Task, dict[Command, Outcome]]:
    call, answer, commands = task
    return task, {command: BENCHES[0].judge(command, call, answer) for command in commands}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    start = time.monotonic()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Healthy)
    service = multiprocessing.Process(target=server.serve_forever, daemon=True)
    service.start()
    binary = os.path.abspath(options.binary)
    with Disk(options.work.resolve()) as disk:
        Stores(binary, disk, server.server_port).make()
        results: Results = {}
        arguments = (binary, str(disk), server.server_port)
        with multiprocessing.Pool(os.cpu_count(), begin, arguments) as pool:
            for (call, answer, _), outcomes in pool.imap_unordered(judge, tasks(options)):
                results[call, answer] = outcomes
                show_violations(call, answer, outcomes)
    service.terminate()
    trials = sum(len(outcomes) for outcomes in results.values())
    violations = sum(
        outcome.is_violation for outcomes in results.values() for outcome in outcomes.values())
    print(f"calls: {trials} trials, {violations} violations, {time.monotonic() - start:.0f} s")
    if options.report:
        options.report.write_text(report(results, trials, violations), encoding="utf-8")
    sys.exit(1 if violations or not trials else 0)


def show_violations(call: str, answer: str, outcomes: dict[Command, Outcome]) -> None:
    for command, outcome in outcomes.items():
        if outcome.is_violation:
            print(f"VIOLATION: {call} answers {answer}: {command.name}: {outcome.text}", flush=True)


# What the system says of each answer, which is all that differs in some rows.
SENTENCES = {"ENOSYS": "function not implemented", "EPERM": "operation not permitted",
             "EINVAL": "invalid argument"}


def report(results: Results, trials: int, violations: int) -> str:
    """A table of calls, answers and commands, equal rows in one."""
    rows: dict[tuple[tuple[str, str], ...], dict[str, list[str]]] = defaultdict(dict)
    for call, answer in conditions():
        texts: dict[str, list[str]] = defaultdict(list)
        for command, outcome in results.get((call, answer), {}).items():
            text = outcome.text.replace(SENTENCES.get(answer, "…"), "…")
            text = re.sub(r"/\S*/bench-\d+/store", "STORE", text)
            texts[text].append(command.name)
        key = tuple((names_of(names), text) for text, names in sorted(texts.items()))
        rows[key].setdefault(call, []).append(answer)
    lines = [
        "# Calls taken away", "",
        "Written by `make calls`, which answers each of these system calls with an error, or takes"
        " away something else, and runs every command.",
        f"`{WORKS}`: same exit status, same store to the last mode and link, nothing left behind.",
        "", f"- {trials} trials, {violations} violations",
        f"- {len(COMMANDS)} commands: " + ", ".join(f"`{command.name}`" for command in COMMANDS),
        "", "| what is lacking | answers | commands | outcome |", "|---|---|---|---|"]
    for key, calls in rows.items():
        by_answers: dict[str, list[str]] = defaultdict(list)
        for call, answers in calls.items():
            by_answers[", ".join(answers)].append(call)
        for answers, names in by_answers.items():
            for commands, text in key:
                lines.append(f"| {', '.join(names)} | {answers} | {commands} | {text} |")
    return "\n".join(lines) + "\n"


UNPACKING = {command.name for command in COMMANDS if command.status != 6
             and (command.words.split()[0] in ("unpack", "deploy") or command.request)}


def names_of(names: list[str]) -> str:
    if len(names) == len(COMMANDS):
        return "all"
    if set(names) == UNPACKING:
        return "all that unpack an archive"
    if set(names) == UNPACKING - {name for name in UNPACKING if "(failing)" in name}:
        return "all that unpack an archive and succeed"
    if len(names) > len(COMMANDS) / 2:
        return "all others"
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    main()
