"""Measures every command against what people type instead."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness.benchmarks.command_comparisons import (
    listing,
    pruning,
    switching,
    switching_again,
    verifying,
)
from harness.benchmarks.comparison import START, Comparison
from harness.benchmarks.loop_disk import LoopDisk
from harness.benchmarks.sample_trees import pack, small_files, virtual_environment, wheels
from harness.benchmarks.ssh_comparisons import RemoteHost
from harness.benchmarks.workbench import Workbench, program
from harness.command_line import run_suite, suite_parser

if TYPE_CHECKING:
    import argparse

HEADING = "## Commands"


def growth(bench: Workbench, archive: Path, counts: list[int], runs: int) -> list[str]:
    """Return a table of the times of commands in stores with more and more releases."""
    lines = [
        "| releases | list, ms | activate, ms | recover, ms | prune -n, ms |",
        "|" + "---|" * 5,
    ]
    for count in counts:
        name = f"large-{count}"
        if not bench.path(name).is_dir():
            bench.large_store(name, archive, count)
        cells = []
        for words in (("list",), ("activate", "previous"), ("recover",), ("prune", "-n")):
            spent = []
            if words[0] == "activate":
                # The first switch looks for preparations, and notes that there are none.
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


def memories(bench: Workbench) -> list[str]:
    """Return a table of the peak memory of commands."""
    jobs = [
        ("verify", "verify", "1"),
        ("verify", "list"),
        ("verify", "status"),
        ("verify", "check"),
        ("switch-10 files", "rollback"),
        ("verify", "diagnose"),
    ]
    return ["| command | peak MiB (at most 64) |", "|---|---|"] + [
        f"| {' '.join(words)} | {bench.peak_memory(store, *words):.0f} |" for store, *words in jobs
    ]


class CommandReport:
    """The section of the report for one file system."""

    def __init__(self, system: str, options: argparse.Namespace) -> None:
        self.system, self.options, self.runs = system, options, options.runs
        self.missed: list[str] = []
        self.lines = [
            f"{HEADING}, on {system}",
            "",
            f"The times are medians of {self.runs} runs in turn on {os.cpu_count()} processors, of"
            " whole processes. Where a goal is missed, the lower bound is the ratio of the parts"
            " that no journaled switch or check can do without.",
            "",
            "| job | way | ms | min-max | ratio | at most |",
            "|" + "---|" * 6,
        ]

    def add(self, comparison: Comparison) -> None:
        """Measure all ways of a job."""
        self.lines += comparison.rows(self.runs)
        self.missed += comparison.missed
        print(f"bench: {self.system}: {comparison.job}", flush=True)

    def measure(self) -> list[str]:
        """Measure everything, and return the lines of the section."""
        options = self.options
        work = options.work
        few = small_files(work, 10)
        archive = pack(few, "tar.gz")
        with LoopDisk(self.system, 12, work) as disk:
            bench = Workbench(options.binary, disk, work)
            ways = {"releases --version": bench.way("none", "--version"), START: program(START)}
            self.add(Comparison("start", ways, margins={START: 3.5}))
            self.add(switching(bench, few, "10 files", 1.0))
            self.add(switching_again(bench, "10 files"))
            self.add(switching(bench, small_files(work, 5_000), "5,000 files", 2.0))
            tree = wheels(work)
            self.add(verifying(bench, tree))
            prune, held = pruning(bench, tree)
            self.add(prune)
            for count in (3, 100, 1_000):
                for comparison in listing(bench, archive, count):
                    self.add(comparison)
            if self.system == "ext4":
                self._measure_ssh(bench, few)
            if self.missed:
                self.lines += ["", "Goals are missed for these reasons:", "", *self.missed]
            median, longest = statistics.median(held), max(held)
            self.lines += [
                "",
                f"While a release is pruned, others find the lock taken for {median:.1f} ms"
                f" ({longest:.1f} at most; goal 10).",
                "",
            ]
            self.lines += growth(bench, archive, options.releases, self.runs)
            self.lines += ["", *memories(bench)]
        return self.lines

    def _measure_ssh(self, bench: Workbench, few: Path) -> None:
        with RemoteHost(bench) as remote:
            self.add(remote.deploying(virtual_environment(self.options.work)))
            self.add(remote.rolling_back(few))
            self.add(remote.rolling_back(few, over_ssh=True))


def main() -> int:
    """Run the suite, and print the report."""
    parser = suite_parser(__doc__)
    parser.add_argument("--report", type=Path, help="the RESULTS.md whose end is replaced")
    parser.add_argument("--systems", nargs="*", default=["ext4", "xfs"])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--releases", type=int, nargs="*", default=[10, 100, 1_000, 10_000])
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    sections = ["\n".join(CommandReport(one, options).measure()) for one in options.systems]
    text = "\n\n".join(sections) + "\n"
    if options.report:
        before = options.report.read_text("utf-8").partition(f"\n{HEADING},")[0]
        options.report.write_text(f"{before.rstrip()}\n\n{text}", encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    run_suite(main)
