"""Measures `releases unpack` against what people type instead."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from harness.benchmarks.loop_disk import LoopDisk
from harness.benchmarks.sample_trees import describe, large_archive, pack, small_files, wheels
from harness.benchmarks.workbench import run_quietly
from harness.c_programs import compile_program
from harness.command_line import run_suite, suite_parser
from harness.processes import must_run
from harness.repository import HARNESS

# The highest ratio to each other way.
GOALS = {
    "tar.gz": {"tar": 0.50, "bsdtar": 0.75, "tar and sha256sum": 0.35},
    "tar.zst": {"tar": 0.80, "bsdtar": 0.75, "tar and sha256sum": 0.35},
    "zip": {"unzip": 0.60},
}

# The least time that writing the tree takes, see write_files.c.
WRITING = "writing alone"
DECODING = "decoder alone"


def other_ways(archive: Path, kind: str, target: Path) -> dict[str, str]:
    """Return lines of shell that unpack to a directory and make it durable."""
    sync = f"sync -f {target}"
    if kind == "zip":
        return {"unzip": f"unzip -q {archive} -d {target} && {sync}"}
    tar = f"tar -xf {archive} -C {target}"
    hashes = f"find {target} -type f -print0 | xargs -0 sha256sum"
    return {
        "tar": f"{tar} && {sync}",
        "bsdtar": f"bsdtar -xf {archive} -C {target} && {sync}",
        "tar and sha256sum": f"{tar} && {hashes} && {sync}",
    }


def decoder(archive: Path, kind: str) -> str:
    """Return the command that only decompresses an archive."""
    return {
        "tar.gz": f"igzip -dc {archive}",
        "tar.zst": f"zstd -qdc {archive}",
        "zip": f"unzip -qqp {archive}",
    }[kind]


class UnpackBench:
    """Runs commands on one disk, each with an empty target and an empty store."""

    def __init__(self, binary: Path, writer: Path, disk: LoopDisk, runs: int) -> None:
        """Take note of the programs.

        writer: the compiled write_files.c.
        """
        self.binary, self.writer, self.disk, self.runs = binary, writer, disk, runs
        self.target, self.store = disk.path / "target", disk.path / "store"

    def prepare(self) -> None:
        """Make the target and the store empty, and flush the disk."""
        for path in (self.target, self.store):
            shutil.rmtree(path, ignore_errors=True)
        self.target.mkdir()
        run_quietly([str(self.binary), "--store", str(self.store), "init"])
        (self.store / "releases.yaml").write_text("unpack: {max-entries: 2000000}\n", "ascii")
        self.disk.flush()

    def unpack_command(self, archive: Path) -> list[str]:
        """Return the tool's command."""
        return [str(self.binary), "--store", str(self.store), "unpack", str(archive)]

    def seconds(self, command: list[str]) -> float:
        """Return the time of a command."""
        self.prepare()
        start = time.monotonic()
        run_quietly(command)
        return time.monotonic() - start

    def writing_seconds(self, tree: Path) -> float:
        """Return the time of writing alone."""
        self.prepare()
        return float(must_run(self.writer, tree, self.target))

    def compare(self, tree: Path, archive: Path, kind: str) -> dict[str, list[float]]:
        """Return the times of all ways, which take turns, so that other load affects them alike."""
        commands = {"releases": self.unpack_command(archive)}
        for name, line in other_ways(archive, kind, self.target).items():
            commands[name] = ["sh", "-c", line]
        commands[DECODING] = ["sh", "-c", decoder(archive, kind) + " >/dev/null"]
        times: dict[str, list[float]] = {name: [] for name in [*commands, WRITING]}
        for _ in range(self.runs):
            for name, command in commands.items():
                times[name].append(self.seconds(command))
            times[WRITING].append(self.writing_seconds(tree))
        return times

    def verify_seconds(self) -> float:
        """Return the time of `verify` for the last release, whose files are in memory."""
        start = time.monotonic()
        run_quietly([str(self.binary), "--store", str(self.store), "verify", "latest"])
        return time.monotonic() - start

    def peak_memory(self, archive: Path) -> int:
        """Unpack an archive; return the peak memory of the largest process, in bytes."""
        self.prepare()
        quiet = subprocess.DEVNULL
        command = self.unpack_command(archive)
        with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * 1024


def rows(kind: str, times: dict[str, list[float]]) -> list[str]:
    """Return the rows of the table for one archive."""
    own = statistics.median(times["releases"])
    # The decoder of zip archives uses one processor, so it is no lower bound.
    names = [WRITING] if kind == "zip" else [DECODING, WRITING]
    lower_bound = max(statistics.median(times[name]) for name in names)
    lines = []
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        ratio, goal = own / middle, GOALS[kind].get(name)
        missed = f"MISSED; lower bound {lower_bound / middle:.2f}"
        verdict = "" if goal is None else f"{goal:.2f} {'met' if ratio <= goal else missed}"
        spread = f"{min(seconds):.3f}-{max(seconds):.3f}"
        lines.append(f"| {kind} | {name} | {middle:.3f} | {spread} | {ratio:.2f} | {verdict} |")
    return lines


def growth(bench: UnpackBench, directory: Path, counts: list[int]) -> list[str]:
    """Return a table of the times of archives with more and more entries.

    The time of tar is in it too, since the file system takes longer for more entries as well.
    """
    lines = []
    for count in counts:
        tree = small_files(directory, count)
        archive = pack(tree, "tar.zst")
        tar = ["sh", "-c", other_ways(archive, "tar.zst", bench.target)["tar"]]
        times = [
            (bench.seconds(bench.unpack_command(archive)), bench.seconds(tar)) for _ in range(3)
        ]
        own, other = (statistics.median(column) for column in zip(*times))
        memory = bench.peak_memory(archive) / 2**20
        verify = statistics.median(bench.verify_seconds() for _ in range(3))
        lines.append(
            f"| {count:,} | {own:.2f} | {own / count * 1e6:.0f} | {other / count * 1e6:.0f} "
            f"| {own / other:.2f} | {memory:.0f} | {verify / count * 1e6:.1f} |"
        )
    return lines


def memory(bench: UnpackBench, directory: Path) -> list[str]:
    """Return the peak memory for an archive that is much larger."""
    archive = large_archive(directory, 4)
    peak = bench.peak_memory(archive) / 2**20
    archive.unlink()
    return [f"An archive of 4 GiB: {peak:.0f} MiB at most in either process.", ""]


HEAD = (
    "`make bench` writes this page. Times are medians of {runs} runs of each way in turn, on"
    " {processors} processors and a loop-mounted ext4. A ratio is the time of `releases` divided by"
    " that of the row. The decoder alone (for zip, unzip's on one processor) and writing alone"
    " (`write_files.c`: two threads write the same files from memory, then syncfs) are lower"
    " bounds: a goal below their ratio cannot be met on this machine."
)


def section(bench: UnpackBench, tree: Path) -> list[str]:
    """Measure all archives of a tree, and return the section of the report."""
    lines = [
        f"## {tree.name}: {describe(tree)}",
        "",
        "| archive | what | median s | min-max | ratio | at most |",
        "|" + "---|" * 6,
    ]
    for kind in GOALS:
        lines += rows(kind, bench.compare(tree, pack(tree, kind), kind))
        print(f"bench: unpack {tree.name}.{kind}", flush=True)
    return [*lines, ""]


def growth_section(bench: UnpackBench, work: Path, counts: list[int]) -> list[str]:
    """Measure more and more entries, and one large archive."""
    return [
        "## Growth (tar.zst)",
        "",
        "| entries | s | us each | tar, us each | ratio | peak MiB (at most 64) "
        "| verify, us each |",
        "|" + "---|" * 7,
        *growth(bench, work, counts),
        "",
        "The manifest is sorted in memory, which takes 64 bytes for each entry, and its path.",
        "",
        "## Memory",
        "",
        *memory(bench, work),
    ]


def main() -> int:
    """Run the suite, and print the report."""
    parser = suite_parser(__doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--report", type=Path, help="the RESULTS.md to write")
    parser.add_argument(
        "--entries", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000]
    )
    options = parser.parse_args()
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(runs=options.runs, processors=os.cpu_count())
    report = ["# Benchmarks of unpacking", "", head, ""]
    writer = compile_program(HARNESS / "benchmarks/write_files.c", work)
    with LoopDisk("ext4", 12, work) as disk:
        bench = UnpackBench(options.binary, writer, disk, options.runs)
        for tree in (wheels(work), small_files(work, 20_000)):
            report += section(bench, tree)
        if options.entries:
            report += growth_section(bench, work, options.entries)
    text = "\n".join(report) + "\n"
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    run_suite(main)
