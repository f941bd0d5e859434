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


# What writing the tree takes at the least; see floor.c.
FLOOR = "writing alone"


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
    """The decompression alone."""
    return {
        "tar.gz": f"igzip -dc {archive}", "tar.zst": f"zstd -qdc {archive}",
        "zip": f"unzip -qqp {archive}",
    }[kind]


def floor_program(work: str) -> str:
    """Built from floor.c: what creating the files and syncfs alone take."""
    program = os.path.join(work, "floor")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "floor.c")
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", source, "-o", program],
        check=True)
    return program


class Bench:
    """Runs commands on one disk, each on an empty target."""

    def __init__(self, binary: str, floor: str, disk: LoopDisk, runs: int):
        self.binary, self.floor, self.disk, self.runs = binary, floor, disk, runs
        self.target = os.path.join(disk.path, "target")
        self.store = os.path.join(disk.path, "store")

    def prepare(self) -> None:
        for path in (self.target, self.store):
            shutil.rmtree(path, ignore_errors=True)
        os.mkdir(self.target)
        subprocess.run([self.binary, "--store", self.store, "init"], check=True, **QUIET)
        with open(os.path.join(self.store, "releases.yaml"), "w", encoding="ascii") as file:
            file.write("unpack: {max-entries: 2000000}\n")
        subprocess.run(["sync", "-f", self.disk.path], check=True)

    def ours(self, archive: str) -> list[str]:
        return [self.binary, "--store", self.store, "unpack", archive]

    def time(self, command: list[str]) -> float:
        self.prepare()
        start = time.monotonic()
        subprocess.run(command, check=True, **QUIET)
        return time.monotonic() - start

    def time_floor(self, tree: str) -> float:
        self.prepare()
        command = [self.floor, tree, self.target]
        return float(subprocess.run(command, check=True, capture_output=True).stdout)

    def compare(self, tree: str, archive: str, kind: str) -> dict[str, list[float]]:
        """Interleaved, so that the machine's moods meet all alike."""
        commands = {"releases": self.ours(archive)}
        for name, line in rivals(archive, kind, self.target).items():
            commands[name] = ["sh", "-c", line]
        commands["decoder alone"] = ["sh", "-c", decoder(archive, kind) + " >/dev/null"]
        times: dict[str, list[float]] = {name: [] for name in [*commands, FLOOR]}
        for _ in range(self.runs):
            for name, command in commands.items():
                times[name].append(self.time(command))
            times[FLOOR].append(self.time_floor(tree))
        return times

    def time_verify(self) -> float:
        """Of the release that was unpacked last, whose files are still in memory."""
        start = time.monotonic()
        subprocess.run(
            [self.binary, "--store", self.store, "verify", "latest"], check=True, **QUIET)
        return time.monotonic() - start

    def peak_memory(self, archive: str) -> int:
        """Of the largest of all processes, in bytes; leaves the release there."""
        self.prepare()
        with subprocess.Popen(self.ours(archive), **QUIET) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * 1024


def row(kind: str, times: dict[str, list[float]]) -> list[str]:
    """Lines of the table for one archive."""
    own = statistics.median(times["releases"])
    # Whoever unpacks a zip archive on several processors is faster than its decoder here.
    names = [FLOOR] if kind == "zip" else ["decoder alone", FLOOR]
    floor = max(statistics.median(times[name]) for name in names)
    lines = []
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        ratio, goal = own / middle, GOALS[kind].get(name)
        missed = f"MISSED; floor {floor / middle:.2f}"
        verdict = "" if goal is None else f"{goal:.2f} {'met' if ratio <= goal else missed}"
        spread = f"{min(seconds):.3f}-{max(seconds):.3f}"
        lines.append(f"| {kind} | {name} | {middle:.3f} | {spread} | {ratio:.2f} | {verdict} |")
    return lines


def growth(bench: Bench, directory: str, counts: list[int]) -> list[str]:
    """Time for each entry of archives with more and more of them, tar's beside it: the file system
    has its own growth."""
    lines = []
    for count in counts:
        tree = small_files(directory, count)
        archive = pack(tree, "tar.zst")
        tar = ["sh", "-c", rivals(archive, "tar.zst", bench.target)["tar"]]
        times = [(bench.time(bench.ours(archive)), bench.time(tar)) for _ in range(3)]
        own, other = (statistics.median(column) for column in zip(*times))
        memory = bench.peak_memory(archive) / 2**20
        verify = statistics.median(bench.time_verify() for _ in range(3))
        lines.append(
            f"| {count:,} | {own:.2f} | {own / count * 1e6:.0f} | {other / count * 1e6:.0f} "
            f"| {own / other:.2f} | {memory:.0f} | {verify / count * 1e6:.1f} |")
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
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--report")
    parser.add_argument(
        "--entries", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    report = [
        "# Unpacking, measured", "",
        f"By `make bench`, on {os.cpu_count()} processors: medians of {options.runs} runs, one of"
        " each in turn, on a loop-mounted ext4. A ratio is that of `releases` to what stands in the"
        " row. The decoder alone (but for zip, where it is unzip's, on one processor) and writing"
        " alone (`floor.c`: two threads make the same files from memory, then syncfs) are what"
        " nobody can be faster than: a goal below their ratio can't be met on this machine.", ""]
    trees = [wheels(work), small_files(work, 20_000)]
    with LoopDisk("ext4", 12, work) as disk:
        binary = os.path.abspath(options.binary)
        bench = Bench(binary, floor_program(work), disk, options.runs)
        for tree in trees:
            report += [f"## {os.path.basename(tree)}: {describe(tree)}", ""]
            report += [
                "| archive | what | median s | min-max | ratio | at most |", "|" + "---|" * 6]
            for kind in GOALS:
                archive = pack(tree, kind)
                report += row(kind, bench.compare(tree, archive, kind))
                print("\n".join(report[-6:]), file=sys.stderr, flush=True)
            report.append("")
        if options.entries:
            report += [
                "## Growth (tar.zst)", "",
                "| entries | s | us each | tar, us each | ratio | peak MiB (at most 64) "
                "| verify, us each |", "|" + "---|" * 7]
            report += growth(bench, work, options.entries)
            report += [
                "", "The tree is in memory while the manifest is sorted: 64 bytes for each entry,"
                " and its path.", "", "## Memory", ""] + size(bench, work)
    text = "\n".join(report) + "\n"
    print(text)
    if options.report:
        with open(options.report, "w", encoding="utf-8") as file:
            file.write(text)


main()
