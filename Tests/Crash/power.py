"""Power cuts: a command runs on a disk that remembers what was written and flushed in which order;
then every state in which a power cut may have left that disk is mounted, recovered and judged."""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import oracle
from matrix import Tally
from oracle import Violation
from scenarios import BY_NAME, Course, Scenario
from store import Broken, Store

LIBC = ctypes.CDLL(None, use_errno=True)
SECTOR = 512
# Of as many images as this all prefixes are tried, of the least as few.
ALL, FEW = 500, 20


@dataclass(frozen=True)
class FileSystem:
    """A kind of file system and how it is made and mounted."""

    name: str
    mebibytes: int
    make: tuple[str, ...]
    kind: str
    options: str = ""
    # What a host does at its start when it can't be mounted.
    repair: tuple[str, ...] = ()
    # The smallest piece of a write that may arrive alone. btrfs has one superblock it trusts.
    tears_at: int = SECTOR


FILE_SYSTEMS = {
    system.name: system
    for system in [
        FileSystem("ext4", 64, ("mkfs.ext4", "-q", "-F"), "ext4",
                   repair=("fsck.ext4", "-y")),
        FileSystem("ext4 noauto_da_alloc", 64, ("mkfs.ext4", "-q", "-F"), "ext4",
                   "noauto_da_alloc", repair=("fsck.ext4", "-y")),
        FileSystem("xfs", 320, ("mkfs.xfs", "-q", "-f"), "xfs", "nouuid"),
        FileSystem("btrfs", 128, ("mkfs.btrfs", "-q", "-f", "-m", "single"), "btrfs",
                   tears_at=4096),
    ]
}


def system_call(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


MS_PRIVATE, MS_REC, MS_BIND, CLONE_NEWNS = 1 << 18, 1 << 14, 1 << 12, 1 << 17
BLKFLSBUF = 0x1261
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def alone(directory: Path) -> None:
    """From here on what this process mounts is its own, and it has a boot of its own."""
    system_call(LIBC.unshare(CLONE_NEWNS), "unshare")
    system_call(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount --make-rprivate")
    file = directory / f"boot-{os.getpid()}"
    file.touch()
    system_call(
        LIBC.mount(str(file).encode(), BOOT_ID.encode(), None, MS_BIND, None), "mount --bind")
    boot()


def boot() -> None:
    """Lets the machine look as if it had been started anew, to this process's children."""
    Path(BOOT_ID).write_text(f"{uuid.uuid4()}\n", encoding="ascii")


class Disk:
    """A disk of logdisk.c under a loop device."""

    def __init__(self, program: Path, system: FileSystem, work: Path):
        self.system = system
        self.served = work / "served"
        self.mountpoint = work / "disk"
        for path in (self.served, self.mountpoint):
            path.mkdir(parents=True, exist_ok=True)
        subprocess.run([program, str(system.mebibytes), self.served, "-s"], check=True)
        self.loop = subprocess.run(
            ["losetup", "--show", "-f", self.served / "disk"], check=True, capture_output=True,
            text=True).stdout.strip()
        subprocess.run([*system.make, self.loop], check=True, stdout=subprocess.DEVNULL)
        self.mount()

    def mount(self) -> None:
        arguments = [self.loop, str(self.mountpoint), self.system.kind]
        system_call(
            LIBC.mount(*(word.encode() for word in arguments), 0, self.system.options.encode()),
            "mount")

    def repair(self) -> None:
        """As a host does at its start. ext4's superblock, which it writes in place, may be torn."""
        words = self.system.repair
        if not words:
            raise OSError(0, "no repair at boot")
        ended = subprocess.run([*words, self.loop], capture_output=True, check=False)
        # fsck(8): 1 is corrected, 2 asks for another start.
        if ended.returncode & ~3:
            raise OSError(ended.returncode, ended.stdout.decode(errors="replace")[-200:])
        self.mount()

    def unmount(self) -> None:
        system_call(LIBC.umount2(str(self.mountpoint).encode(), 0), "umount")

    def control(self, line: str) -> None:
        (self.served / "control").write_text(line + "\n", encoding="ascii")

    def become(self, image: str) -> None:
        """Another disk, of which the kernel remembers nothing."""
        self.control(f"at {image}")
        device = os.open(self.loop, os.O_RDONLY)
        try:
            fcntl.ioctl(device, BLKFLSBUF)
        finally:
            os.close(device)

    def log(self) -> list[tuple[int, int] | None]:
        """Offset and length of each write, and None for each flush."""
        lines = (self.served / "control").read_text("ascii").splitlines()
        return [tuple(map(int, line.split()[1:])) if line != "F" else None for line in lines]

    def close(self) -> None:
        if os.path.ismount(self.mountpoint):
            self.unmount()
        subprocess.run(["losetup", "-d", self.loop], check=True)
        subprocess.run(["umount", self.served], check=True)


class Cuts:
    """The power cuts of one scenario on one file system."""

    def __init__(
        self, program: Path, system: FileSystem, scenario: Scenario, binary: str, work: Path,
        seed: int
    ):
        self.where = f"{scenario.name} on {system.name}"
        self.kept = work.parent / "violations"
        self.random = random.Random(f"{seed} {self.where}")
        self.course = Course.make(scenario, binary, work / "course")
        self.disk = Disk(program, system, work)
        # Disks that could only be mounted after a repair.
        self.repaired = 0
        try:
            self._record(scenario, binary)
        except BaseException:
            self.disk.close()
            raise

    def _record(self, scenario: Scenario, binary: str) -> None:
        self.store = Store(binary, self.disk.mountpoint / "store")
        self.course.start.copy(self.store.path)
        os.sync()
        self.disk.control("record")
        for words in self.course.all_words():
            run = self.store.run(*words)
            if run.status != scenario.status:
                raise Broken(f"{self.where}: {run}")
        acknowledged = len(self.disk.log())
        subprocess.run(["sync", "-f", self.disk.mountpoint], check=True)
        self.disk.control("stop")
        self.disk.unmount()
        boot()
        self.log = self.disk.log()
        self.flushes = [n for n, thing in enumerate(self.log) if thing is None]
        # All before the last flush before the acknowledgement is on the disk for good.
        self.promised = max([n for n in self.flushes if n < acknowledged], default=len(self.log))

    def images(self, count: int) -> list[str]:
        """What to tell the disk: every prefix, or of too many a seeded half of `count`, then
        seeded subsets and torn writes."""
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
        """Some of the writes between two flushes, and of these some only in part."""
        bounds = [0, *(flush + 1 for flush in self.flushes), len(self.log)]
        start, end = self.random.choice(
            [pair for pair in zip(bounds, bounds[1:]) if pair[1] > pair[0]])
        later = [n for n in range(start, end) if self.log[n] is not None]
        words = [str(start)]
        share = self.random.random()
        for number in later:
            if self.random.random() < share:
                words.append(self._perhaps_torn(number))
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
        """It has all that was on the disk when the command said that it was done."""
        return int(image.split()[0]) > self.promised

    def judge(self, image: str) -> float:
        """How long mounting and recovery took; throws a Violation."""
        self.disk.become(image)
        try:
            self.disk.mount()
        except OSError:
            self.repaired += 1
            try:
                self.disk.repair()
            except (OSError, subprocess.CalledProcessError) as error:
                raise Violation(f"the file system can't be mounted: {error}") from error
        try:
            if self.course.before and not self.store.path.exists():
                raise Violation("the store is gone")
            start = time.monotonic()
            is_promised = self.is_promised(image)
            settle = ("recover",) if is_promised else self.course.scenario.settle
            legal = [self.course.after] if is_promised else self.course.legal()
            oracle.judge(self.store, legal, settle)
            return time.monotonic() - start
        finally:
            self.disk.unmount()

    def run(self, count: int, only: str | None = None) -> Tally:
        tally = Tally(self.course.scenario.name, self.disk.system.name)
        for image in [only] if only else self.images(count):
            tally.points += 1
            try:
                tally.slowest = max(tally.slowest, self.judge(image))
            except Violation as violation:
                tally.note(f"cut at {image}", str(violation))
                self._keep(image, len(tally.violations or []))
        tally.repaired = self.repaired
        return tally

    def _keep(self, image: str, number: int) -> None:
        """The disk of a violation, to be mounted: what is written, and where, differs from run to
        run."""
        if number > 3:
            return
        self.disk.become(image)
        kept = self.kept / f"{self.where}-{number}.img".replace(" ", "-")
        self.kept.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["cp", "--sparse=always", self.disk.served / "disk", kept], check=True)

    def close(self) -> None:
        self.disk.close()


def cut(
    program: Path, system: str, scenario: str, binary: str, work: Path, seed: int, count: int,
    only: str | None = None
) -> Tally:
    """Tries so many power cuts, or the one that is named."""
    cuts = Cuts(program, FILE_SYSTEMS[system], BY_NAME[scenario], binary, work, seed)
    try:
        return cuts.run(count, only)
    finally:
        cuts.close()
