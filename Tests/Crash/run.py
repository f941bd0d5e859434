"""Tries to break the promise that an interrupted command never leaves a store that lies.

    run.py BINARY --work DIRECTORY [--here DIRECTORY] [--seed N] [--share PART] [--images N]
           [--minutes M] [KIND...]

A kind is one of: kill, fault, model, power, busy, hardship. What was tried and what came of it is
written to DIRECTORY/results, from which report.py makes RESULTS.md. Ends with 1 after any
violation; each is printed with the command that repeats it.

With --here all but the power cuts is tried on the file system of that directory, and not in memory;
it is left as it was. Power cuts need root, FUSE and loop devices, and make their own file systems.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import busy
import hardships
import locks
import places
import power
import trials
from matrix import ERRORS, Matrix, Tally
from persistence import RULES, model
from scenarios import BY_NAME
from store import Store, mounted, unmounted

HERE = Path(__file__).resolve().parent
KINDS = ["kill", "fault", "model", "power", "busy", "hardship"]
HARDSHIPS = {**hardships.TRIALS, **locks.TRIALS, **places.TRIALS}
# How a power cut's share of the images is spread: large trees take longer each.
LARGE = "unpack 5,000 files"
Task = tuple[str, str, str]


class Bench:
    """What all trials of a run have in common."""

    def __init__(self, options: argparse.Namespace):
        self.binary = os.path.abspath(options.binary)
        self.work = Path(options.work).resolve()
        self.seed = options.seed
        self.share = options.share
        self.again = options.share if options.again is None else options.again
        self.images = options.images
        self.minutes = options.minutes
        self.only = options.only
        self.is_single = options.task is not None
        self.here = Path(options.here).resolve() if options.here else None
        self.memory = self.here / "releases-crash" if self.here else self.work / "memory"
        self.is_root = os.geteuid() == 0
        self.logdisk = self.work / "logdisk"

    def tasks(self, kinds: list[str]) -> list[Task]:
        """Kind, scenario, and what is done to it."""
        tasks: list[Task] = []
        single = [name for name in BY_NAME if not BY_NAME[name].then]
        if "kill" in kinds:
            tasks += [("kill", name, "SIGKILL") for name in single]
        if "fault" in kinds:
            tasks += [("fault", name, error) for name in single for error in ERRORS]
        if "model" in kinds:
            tasks += [("model", name, rules) for name in BY_NAME for rules in RULES
                      if rules != "resumed" or name in single]
        if "power" in kinds:
            tasks += [("power", name, system) for name in BY_NAME for system in power.FILE_SYSTEMS]
        if "busy" in kinds:
            tasks.append(("busy", "busy", busy.KIND))
        if "hardship" in kinds:
            tasks += [("hardship", name, "") for name in HARDSHIPS]
        return [task for task in tasks if task[1] != LARGE or task[0] == "power"]

    def usual_kinds(self) -> list[str]:
        """All that can be tried by this user on this host."""
        needed = ["/dev/fuse", "/dev/loop-control"]
        if self.is_root and not self.here and all(map(os.path.exists, needed)):
            return KINDS
        print("no power cuts: they need root, FUSE and loop devices, and a disk of their own")
        return [kind for kind in KINDS
                if kind != "power" and (kind != "hardship" or self.is_root)]

    def make_memory(self) -> None:
        """In memory, unless told otherwise: what counts is what the file system is asked for."""
        self.memory.mkdir(parents=True, exist_ok=self.here is None)
        if self.is_root and not self.here:
            mounted("tmpfs", "tmpfs", self.memory)

    def say_where(self) -> None:
        """What the tool promises on the file system it is tried on."""
        store = Store(self.binary, self.memory / "where")
        store.do("init")
        lines = store.run("check").output.splitlines()
        print("\n".join(line for line in lines if "file system" in line), flush=True)
        shutil.rmtree(store.path)

    def remove_memory(self) -> None:
        """And what outlives it: the disks of violations."""
        kept = self.memory / "violations"
        if kept.exists():
            shutil.copytree(kept, self.work / "violations", dirs_exist_ok=True)
            print(f"disks of violations: {self.work / 'violations'}")
        unmounted(self.memory)
        shutil.rmtree(self.memory, ignore_errors=True)

    def carry_out(self, task: Task) -> tuple[Task, Tally, float]:
        kind, scenario, how = task
        start = time.monotonic()
        work = self.memory / f"process-{os.getpid()}"
        try:
            tally = self._try(kind, scenario, how, work)
        except Exception as error:  # pylint: disable=broad-except
            # What could not even be tried must not look as if it had held.
            tally = Tally(scenario, how)
            tally.note("not tried", f"{type(error).__name__}: {error}")
        shutil.rmtree(work, ignore_errors=True)
        return task, tally, time.monotonic() - start

    def _try(self, kind: str, scenario: str, how: str, work: Path) -> Tally:
        if kind == "kill":
            matrix = Matrix(scenario, self.binary, work, self.seed, self.share, self.again)
            return matrix.kills(self.only)
        if kind == "fault":
            return Matrix(scenario, self.binary, work, self.seed, self.share).faults(how, self.only)
        if kind == "model":
            return model(
                scenario, how, self.binary, work, self.seed, self.share, self.only)
        if kind == "busy":
            return busy.Busy(self.binary, work, self.seed).run(self.minutes)
        if kind == "hardship":
            return trials.attempt(
                scenario, HARDSHIPS[scenario], self.binary, work, self.only)
        count = self.images // (len(BY_NAME) * len(power.FILE_SYSTEMS))
        if scenario == LARGE and count < power.ALL:
            count //= 20
        return power.cut(
            self.logdisk, how, scenario, self.binary, work, self.seed, count, self.only)

    def build_tools(self, kinds: set[str]) -> None:
        if "fault" in kinds:
            os.environ["SHORTWRITE"] = str(self.work / "shortwrite")
            compile_tool("shortwrite", self.work)
        if "power" in kinds:
            compile_tool("logdisk", self.work, "fuse3")

    def repeating(self, task: Task, where: str) -> str:
        words = ["python3", "-B", "Tests/Crash/run.py", self.binary, "--work", str(self.work),
                 "--seed", str(self.seed), "--minutes", str(self.minutes), "--only", where,
                 "--task", *task]
        return shlex.join(words)


BENCH: Bench


def carry_out(task: Task) -> tuple[Task, Tally, float]:
    """Of the bench that the process was started with."""
    return BENCH.carry_out(task)


def compile_tool(name: str, directory: Path, *libraries: str) -> None:
    flags = []
    if libraries:
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", *libraries], check=True, capture_output=True,
            text=True).stdout.split()
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", HERE / f"{name}.c", "-o", directory / name,
         *flags], check=True)


def begin(directory: Path, is_root: bool) -> None:
    """Of each process; ended by a signal, it still takes its disks down."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if is_root:
        power.alone(directory)


def run(bench: Bench, tasks: list[Task], processes: int) -> list[tuple[Task, Tally, float]]:
    """Carries tasks out, several at a time, and prints each. What has been done is kept even where
    the rest is cut off."""
    results = []
    start = time.monotonic()
    with multiprocessing.Pool(processes, begin, [bench.memory, bench.is_root]) as pool:
        for task, tally, seconds in pool.imap_unordered(carry_out, tasks):
            results.append((task, tally, seconds))
            if not bench.only:
                write(bench, results, tasks, time.monotonic() - start)
            broken = len(tally.violations or [])
            what = f"{tally.points} points, {broken} violations, {seconds:.0f} s"
            print(f"{' | '.join(task)}: {what}", flush=True)
            for violation in tally.violations or []:
                where = violation.partition(": ")[0].split(" at ", 1)[-1]
                print(f"  VIOLATION {violation}\n  repeat: {bench.repeating(task, where)}",
                      flush=True)
        # Not by `with` alone: that ends them by a signal, which one that is about to sleep misses.
        pool.close()
        pool.join()
    return results


def write(
    bench: Bench, results: list[tuple[Task, Tally, float]], tasks: list[Task], seconds: float
) -> None:
    """A file for each kind, for the report. What was tried again takes the place of what was said
    of it before."""
    directory = bench.work / "results"
    directory.mkdir(exist_ok=True)
    for kind in {task[0] for task, _, _ in results}:
        rows = [{**asdict(tally), "seconds": took, "seed": bench.seed}
                for task, tally, took in results if task[0] == kind]
        path = directory / f"{kind}.json"
        wanted = sum(task[0] == kind for task in tasks)
        if bench.is_single and path.exists():
            before = json.loads(path.read_text("utf-8"))
            again = {(row["scenario"], row["kind"]) for row in rows}
            rows = [{"seed": before["seed"], **row} for row in before["rows"]
                    if (row["scenario"], row["kind"]) not in again] + rows
            seconds += before["seconds"]
            wanted = max(before["tasks"], len(rows))
        seeds = dict.fromkeys(row["seed"] for row in rows)
        about = {
            "seed": ", ".join(map(str, seeds)), "share": bench.share, "seconds": seconds,
            "rows": rows, "tasks": wanted,
            "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "kernel": os.uname().release.partition("-")[0],
        }
        path.write_text(json.dumps(about, indent=1), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--work", required=True)
    parser.add_argument("--here", help="tried on the file system of this directory")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1_000_000))
    parser.add_argument("--share", type=float, default=1.0, help="of the points, from 0 to 1")
    parser.add_argument("--again", type=float, help="of the recovery's points; else as --share")
    parser.add_argument("--images", type=int, default=100_000, help="power cuts, of all together")
    parser.add_argument("--minutes", type=float, default=1.0, help="of many at work at once")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--only", help="one point, as it was printed")
    parser.add_argument("--task", nargs=3, help="kind, scenario, and how")
    parser.add_argument("kinds", nargs="*", help=", ".join(KINDS))
    options = parser.parse_intermixed_args()
    if not set(options.kinds) <= set(KINDS):
        parser.error(f"a kind is one of: {', '.join(KINDS)}")
    global BENCH  # pylint: disable=global-statement
    BENCH = Bench(options)
    print(f"seed {options.seed}", flush=True)
    BENCH.work.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # What was there before is not ours to remove: it has to be made first.
    BENCH.make_memory()
    try:
        BENCH.say_where()
        kinds = options.kinds or BENCH.usual_kinds()
        tasks = [tuple(options.task)] if options.task else BENCH.tasks(kinds)
        BENCH.build_tools({kind for kind, _, _ in tasks})
        results = run(BENCH, tasks, options.processes)
    finally:
        BENCH.remove_memory()
    points = sum(tally.points for _, tally, _ in results)
    broken = sum(len(tally.violations or []) for _, tally, _ in results)
    print(f"{points} points, {broken} violations, {time.monotonic() - start:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
