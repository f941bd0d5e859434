"""Interrupts commands in every way, and checks that the store is never wrong afterwards.

A kind is one of: kill, fault, model, power, concurrent, condition. The results go to
WORK/results, from which harness.crash.report makes RESULTS.md. The suite exits with 1 after any
violation; each is printed with the command that repeats it.

With --here everything but the power cuts is tried on the file system of that directory rather than
in memory, and the directory is left as it was. Power cuts take root, FUSE and loop devices, and
make their own file systems.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shlex
import shutil
import signal
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness import tool_messages
from harness.command_line import absolute_path, run_suite, suite_parser
from harness.crash.recorded_disk import isolate
from harness.crash.results import Results
from harness.crash.tasks import KINDS, Ended, Task, Workplace, all_tasks
from harness.mounts import mount, unmount
from harness.store import Store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path


def possible_kinds(options: argparse.Namespace) -> list[str]:
    """Return the kinds of tasks that this user can carry out on this host."""
    is_root = os.geteuid() == 0
    needed = ["/dev/fuse", "/dev/loop-control"]
    if is_root and not options.here and all(map(os.path.exists, needed)):
        return KINDS
    print("no power cuts: they take root, FUSE, loop devices, and no --here")
    return [kind for kind in KINDS if kind != "power" and (kind != "condition" or is_root)]


@contextmanager
def disk(options: argparse.Namespace) -> Iterator[Path]:
    """Make the directory of the stores, in memory unless --here names another place.

    A file system in memory is enough, since the tests look at what the kernel is asked to do.
    """
    path: Path = options.here / "releases-crash" if options.here else options.work / "memory"
    # Files that were there before must not be removed.
    path.mkdir(parents=True, exist_ok=not options.here)
    if os.geteuid() == 0 and not options.here:
        mount("tmpfs", "tmpfs", path)
    try:
        yield path
    finally:
        kept = path / "violations"
        if kept.exists():
            shutil.copytree(kept, options.work / "violations", dirs_exist_ok=True)
            print(f"disks of violations: {options.work / 'violations'}")
        unmount(path)
        shutil.rmtree(path, ignore_errors=True)


def print_file_system(binary: Path, path: Path) -> None:
    """Print what `check` says of the file system that the stores are on."""
    store = Store(binary, path / "where")
    store.must("init")
    lines = store.run("check").output.splitlines()
    print("\n".join(line for line in lines if "file system" in line), flush=True)
    shutil.rmtree(store.path)


# What the worker processes work with; set once, before they start.
WORKPLACES: list[Workplace] = []


def carry_out(task: Task) -> Ended:
    """Carry out a task in a worker process."""
    return WORKPLACES[0].carry_out(task)


def begin(directory: Path, is_root: bool) -> None:
    """Prepare a worker process, which removes its disks also when it is ended by a signal."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if is_root:
        isolate(directory)


class Progress:
    """Prints a line for each kind of task, and each violation in full."""

    def __init__(self, options: argparse.Namespace, tasks: list[Task]) -> None:
        self.options = options
        self.missing: dict[str, int] = defaultdict(int)
        for task in tasks:
            self.missing[task.kind] += 1
        self.ended: dict[str, list[Ended]] = defaultdict(list)

    def add(self, one: Ended) -> None:
        """Print the violations of a task, and a line for a kind that is complete."""
        kind = one.task.kind
        for violation in one.tally.violations:
            self._print_violation(one.task, violation)
        self.missing[kind] -= 1
        self.ended[kind].append(one)
        if self.options.verbose:
            print(f"{' | '.join(one.task)}: {summary([one])}", flush=True)
        if self.missing[kind] == 0:
            tasks = self.ended[kind]
            print(f"crash: {kind}: {len(tasks)} tasks, {summary(tasks)}", flush=True)

    def _print_violation(self, task: Task, violation: str) -> None:
        where = violation.partition(": ")[0].split(" at ", 1)[-1]
        options = self.options
        words = ["env", "PYTHONPATH=Tests", "python3", "-B", "-m", "harness.crash"]
        words += [str(options.binary), "--work", str(options.work), "--seed", str(options.seed)]
        words += ["--share", str(options.share), "--minutes", str(options.minutes)]
        words += ["--only", where, "--task", *task]
        print(f"VIOLATION {' | '.join(task)}: {violation}\n  repeat: {shlex.join(words)}")


def summary(ended: list[Ended]) -> str:
    """Return the number of points and violations of some tasks, and their time."""
    points = sum(one.tally.points for one in ended)
    violations = sum(len(one.tally.violations) for one in ended)
    return f"{points} points, {violations} violations, {sum(one.seconds for one in ended):.0f} s"


def run_tasks(options: argparse.Namespace, path: Path, tasks: list[Task]) -> list[Ended]:
    """Carry out tasks in several processes."""
    ended: list[Ended] = []
    progress = Progress(options, tasks)
    is_single = options.task is not None
    results = Results(options.work / "results", options.seed, options.share, is_single)
    arguments = (path, os.geteuid() == 0)
    with multiprocessing.Pool(options.processes, begin, arguments) as pool:
        for one in pool.imap_unordered(carry_out, tasks):
            ended.append(one)
            if not options.only:
                results.write(ended, tasks)
            progress.add(one)
        # Leaving the `with` statement alone ends the processes by a signal, which one that is
        # about to sleep misses.
        pool.close()
        pool.join()
    return ended


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = suite_parser(__doc__)
    parser.add_argument("--here", type=absolute_path, help="try the file system of this directory")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1_000_000))
    parser.add_argument("--share", type=float, default=1.0, help="of the points, from 0 to 1")
    parser.add_argument("--again", type=float, help="of the recovery's points (default: --share)")
    parser.add_argument("--images", type=int, default=100_000, help="power cuts, of all together")
    parser.add_argument("--minutes", type=float, default=1.0, help="of concurrent commands")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--only", help="one point, as a violation names it")
    parser.add_argument("--task", nargs=3, help="kind, scenario, and how")
    parser.add_argument("--verbose", action="store_true", help="print each task")
    parser.add_argument("kinds", nargs="*", help=", ".join(KINDS))
    options = parser.parse_intermixed_args()
    if not set(options.kinds) <= set(KINDS):
        parser.error(f"a kind is one of: {', '.join(KINDS)}")
    return options


def main() -> int:
    """Run the suite."""
    options = arguments()
    print(f"crash: seed {options.seed}", flush=True)
    # A mutant may lack a message; `harness.crash.mutants` asks the program without mutants.
    if not options.task:
        tool_messages.expect_in_program(options.binary)
    options.work.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with disk(options) as path:
        print_file_system(options.binary, path)
        kinds = options.kinds or possible_kinds(options)
        tasks = [Task(*options.task)] if options.task else all_tasks(kinds)
        WORKPLACES.append(Workplace(options, path))
        WORKPLACES[0].build_programs({task.kind for task in tasks})
        ended = run_tasks(options, path, tasks)
    points = sum(one.tally.points for one in ended)
    violations = sum(len(one.tally.violations) for one in ended)
    print(f"{points} points, {violations} violations, {time.monotonic() - start:.0f} s")
    return 1 if violations else 0


if __name__ == "__main__":
    run_suite(main)
