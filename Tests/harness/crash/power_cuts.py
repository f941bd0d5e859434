"""Cuts the power: a command runs on a disk that records what is written and flushed.

Every state in which a power cut may leave that disk is then mounted, recovered and judged.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from typing import TYPE_CHECKING

from harness import oracle
from harness.assertions import BrokenPromise, SetupFailed
from harness.crash.course import Course
from harness.crash.recorded_disk import (
    FILE_SYSTEMS,
    SECTOR,
    FileSystem,
    RecordedDisk,
    change_boot_id,
)
from harness.crash.scenarios import BY_NAME
from harness.crash.tally import Tally
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.crash.scenario import Scenario

# With ALL power cuts or more, all prefixes are tried; with fewer, at least FEW of them.
ALL, FEW = 500, 20


class PowerCuts:
    """The power cuts of one scenario on one file system."""

    def __init__(
        self,
        program: Path,
        system: FileSystem,
        scenario: Scenario,
        binary: Path,
        work: Path,
        seed: int,
    ) -> None:
        """Run the command on a disk that records it.

        program: the compiled recording_disk.c.
        """
        self.where = f"{scenario.name} on {system.name}"
        self.kept = work.parent / "violations"
        self.random = random.Random(f"{seed} {self.where}")
        self.course = Course.make(scenario, binary, work / "course")
        self.disk = RecordedDisk(program, system, work)
        # The number of disks that could only be mounted after a repair.
        self.repaired = 0
        try:
            self._record(scenario, binary)
        except BaseException:
            self.disk.close()
            raise

    def _record(self, scenario: Scenario, binary: Path) -> None:
        self.store = Store(binary, self.disk.mountpoint / "store")
        self.course.start.copy(self.store.path)
        os.sync()
        self.disk.control("record")
        for words in self.course.commands():
            run = self.store.run(*words)
            if run.status != scenario.status:
                raise SetupFailed(f"{self.where}: {run}")
        reported = len(self.disk.log())
        subprocess.run(["sync", "-f", self.disk.mountpoint], check=True)
        self.disk.control("stop")
        self.disk.unmount()
        change_boot_id()
        self.log = self.disk.log()
        self.flushes = [n for n, event in enumerate(self.log) if event is None]
        # What is before the last flush before the command's report is durable.
        self.promised = max([n for n in self.flushes if n < reported], default=len(self.log))

    def images(self, count: int) -> list[str]:
        """Return what the disk becomes in each power cut.

        These are all prefixes of the log, or if there are too many a random half of `count`, and
        then random subsets of the writes between two flushes, some of them torn.
        """
        prefixes = range(len(self.log) + 1)
        most = max(count // 2, FEW) if count < ALL else len(prefixes)
        chosen = prefixes if len(prefixes) <= most else sorted(self.random.sample(prefixes, most))
        images = [str(number) for number in chosen]
        tries = 0
        seen = set(images)
        while len(images) < count and tries < 4 * count:
            tries += 1
            image = self._subset()
            if image not in seen:
                seen.add(image)
                images.append(image)
        return images

    def _subset(self) -> str:
        """Return some of the writes between two flushes, of which some are torn."""
        bounds = [0, *(flush + 1 for flush in self.flushes), len(self.log)]
        start, end = self.random.choice(
            [pair for pair in zip(bounds, bounds[1:]) if pair[1] > pair[0]]
        )
        later = [n for n in range(start, end) if self.log[n] is not None]
        words = [str(start)]
        share = self.random.random()
        words += [self._perhaps_torn(number) for number in later if self.random.random() < share]
        return " ".join(words)

    def _perhaps_torn(self, number: int) -> str:
        _, length = self.log[number] or (0, 0)
        piece = self.disk.system.tears_at
        if length <= piece or self.random.random() < 0.7:
            return str(number)
        mask = 0
        for start in range(0, length, piece):
            if self.random.random() < 0.5:
                for sector in range(start // SECTOR, (start + piece) // SECTOR):
                    mask |= 1 << sector
        return f"{number}:{mask & (1 << 64) - 1:x}"

    def is_promised(self, image: str) -> bool:
        """Return whether all that was flushed before the command's report is on the disk."""
        return int(image.split(maxsplit=1)[0]) > self.promised

    def judge(self, image: str) -> float:
        """Recover from a power cut and judge the store; return the seconds that this took."""
        self.disk.become(image)
        try:
            self.disk.mount()
        except OSError:
            self.repaired += 1
            try:
                self.disk.repair()
            except (OSError, subprocess.CalledProcessError) as error:
                raise BrokenPromise(f"the file system can be mounted: {error}") from error
        try:
            if self.course.before and not self.store.path.exists():
                raise BrokenPromise("the store is there")
            start = time.monotonic()
            is_promised = self.is_promised(image)
            recovery = ("recover",) if is_promised else self.course.scenario.recovery
            legal = [self.course.after] if is_promised else self.course.legal()
            oracle.judge(self.store, legal, recovery)
            return time.monotonic() - start
        finally:
            self.disk.unmount()

    def run(self, count: int, only: str | None = None) -> Tally:
        """Try some power cuts, or the one that is named."""
        tally = Tally(self.course.scenario.name, self.disk.system.name)
        for image in [only] if only else self.images(count):
            tally.points += 1
            try:
                tally.slowest = max(tally.slowest, self.judge(image))
            except BrokenPromise as broken:
                tally.note(f"cut at {image}", str(broken))
                self._keep(image, len(tally.violations))
        tally.repaired = self.repaired
        return tally

    def _keep(self, image: str, number: int) -> None:
        """Keep the disk of a violation, since each run writes other data to other places."""
        if number > 3:
            return
        self.disk.become(image)
        kept = self.kept / f"{self.where}-{number}.img".replace(" ", "-")
        self.kept.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "--sparse=always", self.disk.served / "disk", kept], check=True)

    def close(self) -> None:
        """Remove the disk."""
        self.disk.close()


def cut_power(
    program: Path,
    system: str,
    scenario: str,
    binary: Path,
    work: Path,
    seed: int,
    count: int,
    only: str | None = None,
) -> Tally:
    """Try a number of power cuts, or the one that is named."""
    cuts = PowerCuts(program, FILE_SYSTEMS[system], BY_NAME[scenario], binary, work, seed)
    try:
        return cuts.run(count, only)
    finally:
        cuts.close()
