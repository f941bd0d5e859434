"""Runs every command on restricted machines: it works, or `check` announces that it does not.

Each system call that Linux 4.18 lacks, or that containers, systemd units or file systems block,
fails with ENOSYS, EPERM and EINVAL. Other restrictions are few descriptors and, for root, a missing
/proc or a read-only root directory. A command works when its exit status is the same as without the
restriction, and the store is the same down to modes and links. The suite exits with 1 after any
violation. As root it works on an XFS of its own, where files can share blocks.
"""

from __future__ import annotations

import hashlib
import http.server
import multiprocessing
import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.calls.commands import COMMANDS, Command
from harness.calls.comparison import Comparison, Outcome
from harness.calls.report import Results, report
from harness.calls.restrictions import Restriction, all_restrictions
from harness.calls.stores import Stores
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.mounts import make_file_system, mounted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

Task = tuple[Restriction, tuple[Command, ...]]
DISK_SIZE = 900 << 20


class HealthyService(http.server.BaseHTTPRequestHandler):
    """A service that is healthy."""

    def do_GET(self) -> None:
        """Answer any request."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def disk(work: Path) -> Iterator[Path]:
    """Mount an XFS in memory, or make a plain directory where none can be made."""
    with empty_directory(work / "memory") as memory, empty_directory(work / "disk") as path:
        if os.geteuid() != 0 or not shutil.which("mkfs.xfs", path="/usr/sbin:/sbin"):
            yield path
            return
        with mounted("tmpfs", "calls", memory, "size=1g"):
            make_file_system(memory / "xfs", DISK_SIZE, "mkfs.xfs", "-q", "-m", "reflink=1")
            with mounted("xfs", memory / "xfs", path, "loop"):
                yield path


def is_chosen(command: Command, restriction: Restriction, share: float) -> bool:
    """Return whether a trial is in the share, which has the same trials in each run."""
    text = f"{command.name} {restriction.what} {restriction.how}"
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def tasks(options: argparse.Namespace) -> list[Task]:
    """Return the commands that are run under each restriction."""
    found: list[Task] = []
    for restriction in all_restrictions():
        selected = tuple(
            command
            for command in COMMANDS
            if is_chosen(command, restriction, options.share)
            and options.only in f"{command.name} {restriction.what} {restriction.how}"
        )
        if selected:
            found.append((restriction, selected))
    return found


# What a worker process works with; set once in each.
COMPARISONS: list[Comparison] = []


def begin(stores: Stores) -> None:
    """Prepare a worker process, which has a directory of its own."""
    COMPARISONS.append(Comparison(stores, stores.work / f"process-{os.getpid()}"))


def carry_out(task: Task) -> tuple[Restriction, dict[Command, Outcome]]:
    """Run a task in a worker process."""
    restriction, commands = task
    return restriction, {
        command: COMPARISONS[0].compare(command, restriction) for command in commands
    }


def run_tasks(stores: Stores, chosen: list[Task]) -> Results:
    """Run tasks on all processors, and print each violation at once."""
    results: Results = {}
    with multiprocessing.Pool(os.cpu_count(), begin, (stores,)) as pool:
        for restriction, outcomes in pool.imap_unordered(carry_out, chosen):
            results[restriction] = outcomes
            for command, outcome in outcomes.items():
                if outcome.is_violation:
                    print(f"VIOLATION: {restriction}: {command.name}: {outcome.text}", flush=True)
    return results


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--report", type=Path, help="the RESULTS.md to write")
    parser.add_argument("--share", type=float, default=1, help="of all trials, from 0 to 1")
    parser.add_argument("--only", default="", help="only trials with this text in their names")
    options = parser.parse_args()
    start = time.monotonic()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), HealthyService)
    service = multiprocessing.Process(target=server.serve_forever, daemon=True)
    service.start()
    with disk(options.work) as path:
        stores = Stores(options.binary, path, server.server_port)
        stores.make()
        results = run_tasks(stores, tasks(options))
    service.terminate()
    outcomes = [outcome for found in results.values() for outcome in found.values()]
    violations = sum(outcome.is_violation for outcome in outcomes)
    seconds = time.monotonic() - start
    print(f"calls: {len(outcomes)} trials, {violations} violations, {seconds:.0f} s")
    if options.report:
        options.report.write_text(report(results, len(outcomes), violations), encoding="utf-8")
    return 1 if violations or not outcomes else 0


if __name__ == "__main__":
    run_suite(main)
