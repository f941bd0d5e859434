"""Measures every command against what people type instead: ratios of medians, one run.

    commands.py BINARY --work DIRECTORY [--report FILE] [--systems ext4 xfs] [--runs N]
"""

import argparse
import fcntl
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from contest import MIB, QUIET, START, Bench, Contest, program, shell
from disk import LoopDisk
from over_ssh import Remote
from trees import describe, pack, small_files, virtual_environment, wheels

HEADING = "## Commands"
CALLS = "the changing calls and the flushes of a switch, in C"
BY_HAND = "ln, mv, sync"
LINE = "ln -s releases/2 next && mv -T next current && sync -f ."
OPENSSL = "openssl on all cores"
STARTING = (
    "half of what is not flushing is the start of a Swift process and Foundation's JSON, which take"
    " apart and write some ten records; the shell starts four small programs in that time")


def switching(bench: Bench, files: str, label: str, goal: float) -> Contest:
    """Each on a disk that has nothing else to flush."""
    name = f"switch-{label}"
    bench.store(name, pack(files, "tar.gz"), ["1", "2"])
    place = bench.path(f"by-hand-{label}")
    calls = bench.path(f"calls-{label}")
    os.makedirs(place)
    os.makedirs(os.path.join(calls, "catalog"))
    ways = {
        "releases activate": turns(bench, name), BY_HAND: shell(LINE, place),
        CALLS: program(bench.switching, calls)}
    goals, reasons = {BY_HAND: goal}, {BY_HAND: STARTING}
    floor: list[tuple[str, ...]] = [(CALLS,)]
    if label == "10 files":
        ways["three flushes alone"] = program(bench.flushes, os.path.join(place, "x"))
        goals["three flushes alone"] = 1.5
        reasons["three flushes alone"] = (
            "a switch flushes six times, of which one is a commit of the file system's own journal;"
            " Transaction.swift says why each is needed; and see above")
    else:
        # Nothing can be called whole that was not looked at.
        tree, names = bench.path(f"{name}/releases/1"), os.path.join(bench.work, "names")
        subprocess.run(f"find . -mindepth 1 | sort >{names}", shell=True, cwd=tree, check=True)
        looks = []
        for processors in sorted({1, os.cpu_count() or 1}):
            looks.append(f"every file's status, in C, processors: {processors}")
            ways[looks[-1]] = program(bench.looking, tree, names, str(processors))
        ways[START] = program(START)
        floor.append(tuple(looks))
        reasons[BY_HAND] = (
            "asking for each file's status takes most of it, on all processors; the manifest is"
            " read and taken apart for what it has to be")
    return Contest(
        f"activate, {label}", ways, bench.settle, goals, floor=floor, reasons=reasons)


def turns(bench: Bench, name: str) -> Callable[[], None]:
    """Activates one of two releases, and then the other."""
    turn = {"to": "1"}

    def activate() -> None:
        turn["to"] = "2" if turn["to"] == "1" else "1"
        bench.run(name, "activate", turn["to"])

    return activate


def switching_again(bench: Bench, label: str) -> Contest:
    """The same, right after another switch."""
    return Contest(f"activate, {label}, at once again", {
        "releases activate": turns(bench, f"switch-{label}"),
        BY_HAND: shell(LINE, bench.path(f"by-hand-{label}")),
        CALLS: program(bench.switching, bench.path(f"calls-{label}")),
    }, bench.settle, is_repeated=True)


def verifying(bench: Bench, tree: str) -> Contest:
    bench.store("verify", pack(tree, "tar.gz"), ["1"])
    release = bench.path("verify/releases/1")
    sums = os.path.join(bench.work, "sums")
    subprocess.run(
        f"find . -type f -print0 | xargs -0 sha256sum >{sums}", shell=True, cwd=release, check=True)
    cores = os.cpu_count()
    return Contest(f"verify, {describe(tree)}, warm", {
        "releases verify": bench.way("verify", "verify", "1"),
        "sha256sum -c": shell(f"sha256sum --quiet -c {sums}", release),
        OPENSSL: shell(
            f"find . -type f -print0 | xargs -0 -P {cores} -n 500 openssl dgst -sha256", release),
    }, goals={"sha256sum -c": 0.12, OPENSSL: 1.3}, floor=[(OPENSSL,)], reasons={
        "sha256sum -c": "sha256sum takes one processor, and SHA-256 takes all of these"})


def pruning(bench: Bench, tree: str) -> tuple[Contest, list[float]]:
    archive = pack(tree, "tar.zst")
    held: list[float] = []
    place = bench.path("by-hand-prune")

    def ready() -> None:
        bench.store("prune", archive, ["1", "2"])
        bench.run("prune", "activate", "2")
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        subprocess.run(["tar", "-xf", archive, "-C", place], check=True)
        bench.settle()

    def ours() -> None:
        with Watcher(bench.path("prune/.releases/lock")) as watcher:
            bench.run("prune", "prune", "--keep", "1", "--keep-within", "0d")
        held.append(watcher.longest * 1e3)

    return Contest(f"prune one release, {describe(tree)}", {
        "releases prune": ours, "rm -rf": shell(f"rm -rf {place}", "/"),
    }, ready, {"rm -rf": 1.1}), held


class Watcher:
    """How long others find a lock taken, in seconds."""

    def __init__(self, path: str):
        self.path, self.longest, self.is_over = path, 0.0, False
        self.thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        since = None
        with open(self.path, "rb") as file:
            while not self.is_over:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    fcntl.flock(file, fcntl.LOCK_UN)
                    since = None
                except BlockingIOError:
                    since = since or time.monotonic()
                    self.longest = max(self.longest, time.monotonic() - since)
                time.sleep(0.0002)

    def __enter__(self) -> "Watcher":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over = True
        self.thread.join()


def looking(bench: Bench, archive: str, count: int) -> list[Contest]:
    name = f"look-{count}"
    bench.many(name, archive, count)
    rival = {"ls -lh": shell("ls -lh releases/", bench.path(name))}
    return [
        Contest(f"{command}, {count:,} releases",
                {f"releases {command}": bench.way(name, command), **rival}, goals={"ls -lh": 3})
        for command in ("list", "status")]


def growth(bench: Bench, archive: str, counts: list[int], runs: int) -> list[str]:
    lines = ["| releases | list, ms | activate, ms | recover, ms | prune -n, ms |",
             "|" + "---|" * 5]
    for count in counts:
        name = f"look-{count}"
        if not os.path.isdir(bench.path(name)):
            bench.many(name, archive, count)
        cells = []
        for words in (("list",), ("activate", "previous"), ("recover",), ("prune", "-n")):
            spent = []
            if words[0] == "activate":
                # The first one finds out that nothing is being prepared.
                for identity in ("1700000000", "1700000001"):
                    bench.run(name, "activate", identity)
            for _ in range(runs):
                start = time.monotonic()
                bench.run(name, *words)
                spent.append((time.monotonic() - start) * 1e3)
            cells.append(f"{statistics.median(spent):.1f}")
        lines.append(f"| {count:,} | {' | '.join(cells)} |")
        shutil.rmtree(bench.path(name))
    return lines


def memories(bench: Bench) -> list[str]:
    jobs = [("verify", "verify", "1"), ("verify", "list"), ("verify", "status"),
            ("verify", "check"), ("switch-10 files", "rollback"), ("verify", "diagnose")]
    return ["| command | peak MiB (at most 64) |", "|---|---|"] + [
        f"| {' '.join(words)} | {bench.memory(store, *words):.0f} |" for store, *words in jobs]


def measure(system: str, options: argparse.Namespace) -> list[str]:
    work, runs = os.path.abspath(options.work), options.runs
    few, tree = small_files(work, 10), wheels(work)
    some = pack(few, "tar.gz")
    lines = [
        f"{HEADING}, on {system}", "",
        f"Medians of {runs} runs in turn on {os.cpu_count()} processors, whole processes. Where a"
        " goal is missed, the floor is the ratio of what nobody who does it our way can do"
        " without.", "", "| job | way | ms | min-max | ratio | at most |", "|" + "---|" * 6]

    missed: list[str] = []

    def hold(contest: Contest) -> None:
        lines.extend(contest.rows(runs))
        missed.extend(contest.missed)
        print("\n".join(lines[-len(contest.ways):]), file=sys.stderr, flush=True)

    with LoopDisk(system, 12, work) as disk:
        bench = Bench(os.path.abspath(options.binary), disk, work)
        hold(Contest("start", {
            "releases --version": bench.way("none", "--version"),
            START: program(START),
        }, margins={START: 3.5}))
        hold(switching(bench, few, "10 files", 1.0))
        hold(switching_again(bench, "10 files"))
        hold(switching(bench, small_files(work, 5_000), "5,000 files", 2.0))
        hold(verifying(bench, tree))
        prune, held = pruning(bench, tree)
        hold(prune)
        for count in (3, 100, 1_000):
            for contest in looking(bench, some, count):
                hold(contest)
        if system == "ext4":
            with Remote(bench) as remote:
                hold(remote.deploying(virtual_environment(work)))
                hold(remote.rolling_back(few))
                hold(remote.rolling_back(few, over_ssh=True))
        if missed:
            lines += ["", "Why goals are missed:", "", *missed]
        lines += ["", "While pruning, others find the lock taken for "
                  f"{statistics.median(held):.1f} ms ({max(held):.1f} at most; goal 10).", ""]
        lines += growth(bench, some, options.releases, runs) + [""] + memories(bench)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--work", required=True)
    parser.add_argument("--report", help="the end of which this replaces")
    parser.add_argument("--systems", nargs="*", default=["ext4", "xfs"])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--releases", type=int, nargs="*", default=[10, 100, 1_000, 10_000])
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    text = "\n\n".join("\n".join(measure(system, options)) for system in options.systems) + "\n"
    print(text)
    if options.report:
        with open(options.report, "r+", encoding="utf-8") as file:
            before = file.read().partition(f"\n{HEADING},")[0]
            file.seek(0)
            file.truncate()
            file.write(f"{before.rstrip()}\n\n{text}")


main()
