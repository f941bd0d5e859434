"""Compares each command with what people type instead."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Callable

from harness.benchmarks.comparison import START, Comparison
from harness.benchmarks.lock_watcher import LockWatcher
from harness.benchmarks.sample_trees import describe, pack
from harness.benchmarks.workbench import Workbench, program, shell

# The ways of minimal_switch.c and three_flushes.c.
CALLS = "the changing calls and the flushes of a switch, in C"
FLUSHES = "three flushes"
BY_HAND = "ln, mv, sync"
LINE = "ln -s releases/2 next && mv -T next current && sync -f ."
OPENSSL = "openssl on all cores"
STARTING = (
    "half of the time besides flushes is the start of a Swift process and Foundation's JSON, which"
    " parses and writes about ten records; the shell starts four small programs in that time"
)


def switching(bench: Workbench, files: Path, label: str, goal: float) -> Comparison:
    """Compare a switch, on a disk that has nothing else to flush."""
    name = f"switch-{label}"
    bench.store(name, pack(files, "tar.gz"), ["1", "2"])
    place = bench.path(f"by-hand-{label}")
    calls = bench.path(f"calls-{label}")
    place.mkdir()
    (calls / "catalog").mkdir(parents=True)
    ways = {
        "releases activate": turns(bench, name),
        BY_HAND: shell(LINE, place),
        CALLS: program(bench.programs["minimal_switch"], calls),
    }
    goals, reasons = {BY_HAND: goal}, {BY_HAND: STARTING}
    lower_bound: list[tuple[str, ...]] = [(CALLS,)]
    if label == "10 files":
        ways[FLUSHES] = program(bench.programs["three_flushes"], place / "x")
        goals[FLUSHES] = 1.5
        reasons[FLUSHES] = (
            "a switch flushes six times, once with a commit of the file system's own journal;"
            " Transaction.swift says why each flush is needed; the reason above applies too"
        )
    else:
        # Whether a release is whole cannot be known without the status of each file.
        tree, names = bench.path(f"{name}/releases/1"), bench.work / "names"
        subprocess.run(f"find . -mindepth 1 | sort >{names}", shell=True, cwd=tree, check=True)
        stats = []
        for processors in sorted({1, os.cpu_count() or 1}):
            stats.append(f"the status of every file, in C, processors: {processors}")
            ways[stats[-1]] = program(bench.programs["stat_files"], tree, names, str(processors))
        ways[START] = program(START)
        lower_bound.append(tuple(stats))
        reasons[BY_HAND] = (
            "reading the status of each file takes most of the time, on all processors; the"
            " manifest is read and parsed to compare them"
        )
    return Comparison(
        f"activate, {label}",
        ways,
        bench.disk.flush,
        goals,
        lower_bound=lower_bound,
        reasons=reasons,
    )


def turns(bench: Workbench, name: str) -> Callable[[], None]:
    """Return a way that activates each of two releases in turn."""
    turn = {"to": "1"}

    def activate() -> None:
        turn["to"] = "2" if turn["to"] == "1" else "1"
        bench.run(name, "activate", turn["to"])

    return activate


def switching_again(bench: Workbench, label: str) -> Comparison:
    """Compare a switch right after another one."""
    return Comparison(
        f"activate, {label}, at once again",
        {
            "releases activate": turns(bench, f"switch-{label}"),
            BY_HAND: shell(LINE, bench.path(f"by-hand-{label}")),
            CALLS: program(bench.programs["minimal_switch"], bench.path(f"calls-{label}")),
        },
        bench.disk.flush,
        is_repeated=True,
    )


def verifying(bench: Workbench, tree: Path) -> Comparison:
    """Compare `verify` with checksums."""
    bench.store("verify", pack(tree, "tar.gz"), ["1"])
    release = bench.path("verify/releases/1")
    sums = bench.work / "sums"
    subprocess.run(
        f"find . -type f -print0 | xargs -0 sha256sum >{sums}", shell=True, cwd=release, check=True
    )
    cores = os.cpu_count()
    return Comparison(
        f"verify, {describe(tree)}, warm",
        {
            "releases verify": bench.way("verify", "verify", "1"),
            "sha256sum -c": shell(f"sha256sum --quiet -c {sums}", release),
            OPENSSL: shell(
                f"find . -type f -print0 | xargs -0 -P {cores} -n 500 openssl dgst -sha256", release
            ),
        },
        goals={"sha256sum -c": 0.12, OPENSSL: 1.3},
        lower_bound=[(OPENSSL,)],
        reasons={
            "sha256sum -c": "sha256sum uses one processor, and computing SHA-256 uses all of them"
        },
    )


def pruning(bench: Workbench, tree: Path) -> tuple[Comparison, list[float]]:
    """Compare a prune with rm(1); return also how long the lock was taken each time, in ms."""
    archive = pack(tree, "tar.zst")
    held: list[float] = []
    place = bench.path("by-hand-prune")

    def prepare() -> None:
        bench.store("prune", archive, ["1", "2"])
        bench.run("prune", "activate", "2")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        subprocess.run(["tar", "-xf", archive, "-C", place], check=True)
        bench.disk.flush()

    def ours() -> None:
        with LockWatcher(bench.path("prune/.releases/lock")) as watcher:
            bench.run("prune", "prune", "--keep", "1", "--keep-within", "0d")
        held.append(watcher.longest * 1e3)

    return Comparison(
        f"prune one release, {describe(tree)}",
        {
            "releases prune": ours,
            "rm -rf": shell(f"rm -rf {place}", Path("/")),
        },
        prepare,
        {"rm -rf": 1.1},
    ), held


def listing(bench: Workbench, archive: Path, count: int) -> list[Comparison]:
    """Compare `list` and `status` with ls(1)."""
    name = f"large-{count}"
    bench.large_store(name, archive, count)
    other = {"ls -lh": shell("ls -lh releases/", bench.path(name))}
    return [
        Comparison(
            f"{command}, {count:,} releases",
            {f"releases {command}": bench.way(name, command), **other},
            goals={"ls -lh": 3},
        )
        for command in ("list", "status")
    ]
