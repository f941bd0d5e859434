"""A job done in several ways, measured in turn, and the stores that it is done in."""

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from disk import LoopDisk

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 2**20
# What starting a process takes.
START = "/bin/true"


@dataclass
class Contest:
    """A job done in several ways; the first one is ours."""

    job: str
    # Each with what makes it ready, which is not timed.
    ways: dict[str, Callable[[], None]]
    ready: Callable[[], None] = lambda: None
    # What the ratio to each may be at most.
    goals: dict[str, float] = field(default_factory=dict)
    # How much longer than each it may take, in ms.
    margins: dict[str, float] = field(default_factory=dict)
    # What nobody who does it our way can do without, of each part the fastest way there is; all in
    # one process.
    floor: list[tuple[str, ...]] = field(default_factory=list)
    # Why a goal may be out of reach, by rival; told where it is missed.
    reasons: dict[str, str] = field(default_factory=dict)
    # Each way is timed right after itself, and so pays for what it leaves to the next one.
    is_repeated: bool = False
    # What is to be told of the goals that were missed.
    missed: list[str] = field(default_factory=list, init=False)

    def rows(self, runs: int) -> list[str]:
        times: dict[str, list[float]] = {name: [] for name in self.ways}
        for _ in range(runs):
            for name, way in self.ways.items():
                self.ready()
                if self.is_repeated:
                    way()
                start = time.monotonic()
                way()
                times[name].append((time.monotonic() - start) * 1e3)
        own = statistics.median(next(iter(times.values())))
        floor = self._floor({name: statistics.median(spent) for name, spent in times.items()})
        lines = []
        self.missed = []
        for number, (name, spent) in enumerate(times.items()):
            middle = statistics.median(spent)
            verdict = ""
            if name in self.goals:
                if own / middle > self.goals[name]:
                    self.missed.append(f"- {self.job}, {name}: {self.reasons.get(name, 'unknown')}")
                verdict = judged(
                    f"{self.goals[name]:.2f}", own / middle <= self.goals[name],
                    0 if (name,) in self.floor else floor / middle)
            elif name in self.margins:
                verdict = judged(
                    f"+{self.margins[name]:.1f} ms", own - middle <= self.margins[name])
            ratio = "" if number == 0 else f"{own / middle:.2f}"
            lines.append(
                f"| {self.job if number == 0 else ''} | {name} | {middle:.1f} "
                f"| {min(spent):.1f}-{max(spent):.1f} | {ratio} | {verdict} |")
        return lines

    def _floor(self, medians: dict[str, float]) -> float:
        parts = [min(medians[name] for name in names) for names in self.floor]
        return sum(parts) - max(0, len(parts) - 1) * medians.get(START, 0)


def judged(goal: str, is_met: bool, floor: float = 0) -> str:
    """With what the ratio of the floor is, where the goal is missed."""
    return f"{goal} " + ("met" if is_met else f"MISSED; floor {floor:.2f}" if floor else "MISSED")


class Bench:
    """Stores on one disk, and the commands."""

    def __init__(self, binary: str, disk: LoopDisk, work: str):
        self.binary, self.disk, self.work = binary, disk, work
        self.flushes, self.looking = self._built("flushes"), self._built("looking")
        self.switching = self._built("switching")

    def _built(self, name: str) -> str:
        built = os.path.join(self.work, name)
        subprocess.run(
            ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", os.path.join(HERE, f"{name}.c"), "-o",
             built], check=True)
        return built

    def path(self, name: str) -> str:
        return os.path.join(self.disk.path, name)

    def words(self, store: str, *words: str) -> list[str]:
        return [self.binary, "--store", self.path(store), *words]

    def run(self, store: str, *words: str) -> None:
        subprocess.run(self.words(store, *words), check=True, **QUIET)

    def way(self, store: str, *words: str) -> Callable[[], None]:
        return lambda: self.run(store, *words)

    def settle(self) -> None:
        subprocess.run(["sync", "-f", self.disk.path], check=True)

    def store(self, name: str, archive: str, ids: list[str]) -> None:
        """A new store with releases of that content."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        self.run(name, "init")
        for identity in ids:
            self.run(name, "unpack", archive, "--id", identity)
        self.settle()

    def many(self, name: str, archive: str, count: int) -> None:
        """A store with that many releases, made as fast as a shell can: then taken over."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        first = os.path.join(self.path(name), "releases/1700000000")
        os.makedirs(first)
        subprocess.run(["tar", "-xf", archive, "-C", first], check=True)
        for number in range(1, count):
            shutil.copytree(first, os.path.join(
                self.path(name), f"releases/{1700000000 + number}"), symlinks=True)
        os.symlink(f"releases/{1700000000 + count - 1}", self.path(name) + "/current")
        self.run(name, "init")
        self.settle()

    def memory(self, store: str, *words: str) -> float:
        """Peak of the largest of all processes, in MiB. By time(1), since what a process was
        before it became ours counts too."""
        said = os.path.join(self.work, "memory")
        subprocess.run(
            ["/usr/bin/time", "-f", "%M", "-o", said, *self.words(store, *words)], check=False,
            **QUIET)
        with open(said, encoding="ascii") as file:
            return int(file.read().split()[-1]) * 1024 / MIB


def program(*words: str) -> Callable[[], None]:
    return lambda: subprocess.run(words, check=True, **QUIET) and None


def shell(line: str, directory: str) -> Callable[[], None]:
    return lambda: subprocess.run(["sh", "-c", line], cwd=directory, check=True, **QUIET) and None
