"""Measures `releases unpack` against what people type instead: ratios of medians, one run."""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

from disk import LoopDisk
from trees import describe, large, pack, small_files, wheels

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
# What the ratio to each rival may be at most.
GOALS = {
    "tar.gz": {"tar": 0.50, "bsdtar": 0.75, "tar and sha256sum": 0.35},
    "tar.zst": {"tar": 0.80, "bsdtar": 0.75, "tar and sha256sum": 0.35},
    "zip": {"unzip": 0.60},
}


def rivals(archive: str, kind: str, target: str) -> dict[str, str]:
    """Shell commands that unpack into `target` and make it durable."""
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


def decoder(archive: str, kind: str) -> str:
    """The decompression alone, which nobody can be faster than."""
    return {
        "tar.gz": f"igzip -dc {archive}", "tar.zst": f"zstd -qdc {archive}",
        "zip": f"unzip -qqp {archive}",
    }[kind]


class Bench:
    """Runs commands on one disk, each on an empty target."""

    def __init__(self, binary: str, disk: LoopDisk, runs: int):
        self.binary, self.disk, self.runs = binary, disk, runs
        self.target = os.path.join(disk.path, "target")
        self.store = os.path.join(disk.path, "store")

    def prepare(self) -> None:
        for path in (self.target, self.store):
            shutil.rmtree(path, ignore_errors=True)
        os.mkdir(self.target)
        subprocess.run([self.binary, "--store", self.store, "init"], check=True, **QUIET)
        subprocess.run(["sync", "-f", self.disk.path], check=True)

    def ours(self, archive: str) -> list[str]:
        return [self.binary, "--store", self.store, "unpack", archive]

    def time(self, command: list[str]) -> float:
        self.prepare()
        start = time.monotonic()
        subprocess.run(command, check=True, **QUIET)
        return time.monotonic() - start

    def compare(self, archive: str, kind: str) -> dict[str, list[float]]:
        """Interleaved, so that the machine's moods meet all alike."""
        commands = {"releases": self.ours(archive)}
        for name, line in rivals(archive, kind, self.target).items():
            commands[name] = ["sh", "-c", line]
        commands["decoder alone"] = ["sh", "-c", decoder(archive, kind) + " >/dev/null"]
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(self.runs):
            for name, command in commands.items():
                times[name].append(self.time(command))
        return times

    def peak_memory(self, archive: str) -> int:
        """Of the largest of all processes, in bytes."""
        self.prepare()
        with subprocess.Popen(self.ours(archive), **QUIET) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * 1024


def row(kind: str, times: dict[str, list[float]]) -> list[str]:
    """Lines of the table for one archive."""
    own = statistics.median(times["releases"])
    lines = []
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        ratio, goal = own / middle, GOALS[kind].get(name)
        verdict = "" if goal is None else f"{goal:.2f} {'met' if ratio <= goal else 'MISSED'}"
        spread = f"{min(seconds):.3f}-{max(seconds):.3f}"
        lines.append(f"| {kind} | {name} | {middle:.3f} | {spread} | {ratio:.2f} | {verdict} |")
    return lines


def growth(bench: Bench, directory: str, counts: list[int]) -> list[str]:
    """Time for each entry of archives with more and more of them."""
    lines = []
    for count in counts:
        tree = small_files(directory, count)
        archive = pack(tree, "tar.zst")
        seconds = min(bench.time(bench.ours(archive)) for _ in range(3 if count < 200_000 else 1))
        memory = bench.peak_memory(archive) / 2**20
        lines.append(f"| {count:,} | {seconds:.2f} | {seconds / count * 1e6:.0f} | {memory:.0f} |")
    return lines


def size(bench: Bench, directory: str) -> list[str]:
    """Peak memory for an archive that is much larger than that."""
    archive = large(directory, 4)
    memory = bench.peak_memory(archive) / 2**20
    os.unlink(archive)
    return [f"An archive of 4 GiB: {memory:.0f} MiB at most in either process.", ""]


def main() -> None:
    """Prints the report, and writes it where --report says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--work", required=True, help="where trees and archives are kept")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--report")
    parser.add_argument("--entries", type=int, nargs="*", default=[1_000, 10_000, 100_000, 500_000])
    options = parser.parse_args()
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    report = ["# Unpacking, measured", "", "Ratios are of medians, `releases` to the rival.", ""]
    trees = [wheels(work), small_files(work, 20_000)]
    with LoopDisk("ext4", 12, work) as disk:
        bench = Bench(os.path.abspath(options.binary), disk, options.runs)
        for tree in trees:
            report += [f"## {os.path.basename(tree)}: {describe(tree)}", ""]
            report += ["| archive | what | median s | min-max | ratio | at most |", "|" + "---|" * 6]
            for kind in GOALS:
                archive = pack(tree, kind)
                report += row(kind, bench.compare(archive, kind))
                print("\n".join(report[-5:]), file=sys.stderr, flush=True)
            report.append("")
        if options.entries:
            report += ["## Growth", "", "| entries | s | us each | peak MiB |", "|" + "---|" * 4]
            report += growth(bench, work, options.entries)
            report += ["", "## Memory", ""] + size(bench, work)
    text = "\n".join(report) + "\n"
    print(text)
    if options.report:
        with open(options.report, "w", encoding="utf-8") as file:
            file.write(text)


main()
