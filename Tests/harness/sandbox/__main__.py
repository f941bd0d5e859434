"""Tries what an archive could do that has taken over the unpack worker.

Each permitted system call is made in a real worker with arguments that reach beyond the stage,
and each other call once: as root and as an ordinary owner, and on hosts with each version of
Landlock, without it, and without namespaces. Nothing outside the stage may change, and no other
process may be touched. Workers that lie to their parent publish nothing. It needs root, strace and
x86_64; elsewhere it says so and does nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise, SetupFailed
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.processes import must_run
from harness.sandbox import injection
from harness.sandbox.attempts import (
    BETWEEN_DIRECTORIES,
    CALLS,
    HARMLESS,
    LAST_CALL,
    NOT_TRIED,
    REFUSALS,
    Outside,
    all_attempts,
    controls,
)
from harness.sandbox.injection import Injection
from harness.sandbox.lies import try_lies
from harness.sandbox.workers import HOSTS, Host, as_user, waiting_command
from harness.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

# An ordinary owner of a store, whose ID needs no account.
OWNER = 4404


@dataclass
class Figures:
    """How much was tried."""

    attempts: int = 0
    calls: int = 0
    workers: int = 0


@contextmanager
def surroundings(directory: Path, user: int) -> Iterator[Outside]:
    """Make a file and start a process of the same user."""
    (directory / "data").write_text("precious", encoding="utf-8")
    must_run("chown", "-R", f"{user}:{user}", directory)
    process = subprocess.Popen([*as_user(user), "sleep", "600"])
    try:
        yield Outside(directory, process.pid)
        if process.poll() is not None:
            raise BrokenPromise("a worker ended another process")
    finally:
        process.kill()
        process.wait()


def facts(outside: Outside) -> str:
    """Return all that a worker could have changed outside its stage."""
    status = outside.file.stat()
    top = outside.directory.stat()
    limits = Path(f"/proc/{outside.process}/limits").read_text(encoding="ascii")
    names = sorted(path.name for path in outside.directory.iterdir())
    return (
        f"mode {status.st_mode:o} of {status.st_uid}, time {status.st_mtime_ns},"
        f" names {status.st_nlink}, content {outside.file.read_text(encoding='utf-8')};"
        f" directory {top.st_mode:o}, {top.st_mtime_ns}: {names}; {limits}"
    )


def try_all(worker: Injection, outside: Outside, host: Host, *, unpacks: bool) -> Figures:
    """Make all calls in one process."""
    figures = Figures(workers=1)
    if unpacks:
        for control in controls():
            if control.what == BETWEEN_DIRECTORIES and not host.has_links:
                continue
            result = worker.call(CALLS[control.call], control.arguments)
            if result < 0:
                raise BrokenPromise(f"{host.name}: an unpacker can't make {control.what}: {result}")
    for attempt in all_attempts(outside):
        if attempt.makes_name and not host.is_confined:
            continue
        result = worker.call(CALLS[attempt.call], attempt.arguments)
        figures.attempts += 1
        if result not in REFUSALS:
            raise BrokenPromise(f"{host.name}: {attempt.what}: {attempt.call} returns {result}")
    tried = {CALLS[attempt.call] for attempt in [*controls(), *all_attempts(outside)]}
    for number in range(LAST_CALL):
        if number in HARMLESS or number in NOT_TRIED or number in tried:
            continue
        result = worker.call(number, (0,) * 6)
        figures.calls += 1
        if result not in REFUSALS:
            raise BrokenPromise(f"{host.name}: call {number} returns {result}")
    return figures


def audit(binary: Path, directory: Path, host: Host, user: int) -> Figures:
    """Take over each process of a worker, and compare what lies outside before and afterwards."""
    total = Figures()
    store = Store(binary, directory / "store")
    store.path.mkdir()
    os.chown(store.path, user, user)
    store.must("init")
    outside_path = directory / "outside"
    outside_path.mkdir()
    with surroundings(outside_path, user) as outside:
        before = facts(outside)
        # A worker in namespaces has a second process, which waits for it and ends with it.
        number, count = 0, 1
        while number < count:
            with waiting_command(store, host, user) as (_, workers):
                count = len(workers)
                with Injection(workers[number]) as worker:
                    found = try_all(worker, outside, host, unpacks=number == count - 1)
            total.attempts += found.attempts
            total.calls += found.calls
            total.workers += 1
            number += 1
        after = facts(outside)
        if after != before:
            raise BrokenPromise(f"{host.name}: before: {before}\nafter: {after}")
    return total


def main() -> int:
    """Run the audit and return the exit status."""
    options = suite_parser(__doc__).parse_args()
    if not injection.is_possible() or os.geteuid() != 0:
        print("sandbox: not tried: it takes root and x86_64")
        return 0
    if not shutil.which("strace"):
        raise SetupFailed("strace is missing")
    total = Figures()
    for host in HOSTS:
        for user in (0, OWNER):
            with empty_directory(options.work) as directory:
                directory.chmod(0o755)
                found = audit(options.binary, directory, host, user)
            total.attempts += found.attempts
            total.calls += found.calls
            total.workers += found.workers
    with empty_directory(options.work) as directory:
        store = Store(options.binary, directory / "store")
        store.must("init")
        lies = try_lies(store, directory)
    print(
        f"sandbox: {total.attempts} hostile arguments and {total.calls} other calls in"
        f" {total.workers} workers on {len(HOSTS)} kinds of hosts: nothing outside changed;"
        f" {lies} lies of a worker: none believed"
    )
    return 0


if __name__ == "__main__":
    run_suite(main)
