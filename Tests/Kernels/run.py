"""Runs the package under Debian's real kernels, in machines made of software.

    run.py PACKAGE --work DIRECTORY [--seed N] [--cuts N] [--tasks N]
           [--hours N] [--whole] [PART...]

A part is one of: 5.10, 6.1, selinux, aarch64. Takes root, for debootstrap(8) and chroot(8). Trees
and disks are kept in DIRECTORY. What was seen is written to RESULTS.md, also of a part that was run
alone. Ends with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import arm64
import report
import selinux
import trees
from guest import Guest
from host import CONFIGURATION
from report import Part
from scenarios import Course, archives
from selinux import Labels
from trees import Suite

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def harness(package: Path, work: Path, name: str) -> Path:
    """The second disk: what is tried and what tries it."""
    content = work / f"harness-{name}"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir(parents=True)
    shutil.copy(package, content / "releases.deb")
    shutil.copy(ROOT / "Integrations/sudoers/releases", content / "sudoers")
    shutil.copy(ROOT / "Integrations/systemd/diting.service", content)
    shutil.copy(HERE / "judge.py", content)
    shutil.copytree(ROOT / "Tests/Crash", content / "Crash")
    (content / "releases.yaml").write_text(CONFIGURATION, encoding="utf-8")
    archives(content)
    return trees.harness_disk(content, work / f"harness-{name}.img")


@contextmanager
def guest(options: argparse.Namespace, work: Path, suite: Suite) -> Iterator[tuple[Guest, str]]:
    """A booted guest of this suite with a disk of its own, and the version of its kernel."""
    machine = trees.machine(suite, work)
    disk = trees.copy(machine.disk, work / f"run-{suite.name}.img")
    log = work / f"console-{suite.name}.log"
    log.unlink(missing_ok=True)
    disks = [disk, harness(options.package, work, suite.name)]
    found = Guest(machine.kernel, machine.initrd, disks, log, suite.extra)
    try:
        found.boot()
        yield found, machine.version
    finally:
        found.cut()
        disk.unlink()


def kernel(options: argparse.Namespace, work: Path, name: str) -> Part:
    """Everything that is promised, under one kernel."""
    suite = SUITES[name]
    with guest(options, work, suite) as (machine, version):
        part = Part(name, f"Linux {version}, Debian {suite.suite}")
        course = Course(machine, part)
        course.begin()
        course.main_job()
        course.timers()
        course.cut_unconfirmed()
        course.cut_acknowledged()
        course.cut_unpacking()
        course.cut_anywhere(options.seed, options.cuts)
        course.slice(options.seed, options.tasks)
        course.finish()
    return part


def labels(options: argparse.Namespace, work: Path, name: str) -> Part:
    """SELinux enforcing, on the kernel of the newer suite."""
    with guest(options, work, SUITES[name]) as (machine, version):
        part = Part(name, f"SELinux enforcing, Linux {version}, Debian {SUITES[name].suite}")
        course = Labels(machine, part)
        course.begin()
        course.all()
        course.finish()
    return part


def foreign(options: argparse.Namespace, work: Path, _: str) -> Part:
    """Another architecture, as far as this machine can show it."""
    return arm64.build_and_test(work, options.hours, options.whole)


SUITES = {suite.name: suite for suite in [
    Suite("5.10", "bullseye"), Suite("6.1", "bookworm"), selinux.SUITE]}
PARTS: dict[str, Callable[[argparse.Namespace, Path, str], Part]] = {
    "5.10": kernel, "6.1": kernel, "selinux": labels, "aarch64": foreign,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the .deb that is installed")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1_000_000))
    parser.add_argument("--cuts", type=int, default=3, help="at random moments, for each kernel")
    parser.add_argument("--tasks", type=int, default=12, help="of the crash suite")
    parser.add_argument("--hours", type=float, default=2, help="for each step of aarch64")
    parser.add_argument("--whole", action="store_true", help="all of it on aarch64; takes hours")
    parser.add_argument("parts", nargs="*", default=[])
    options = parser.parse_intermixed_args()
    work = options.work.resolve()
    (work / "parts").mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}", flush=True)
    broken = 0
    for name in options.parts or PARTS:
        print(name, flush=True)
        start = time.monotonic()
        part = PARTS[name](options, work, name)
        part.text(f"Seed {options.seed}; {time.monotonic() - start:.0f} s.")
        part.save(work / "parts")
        broken += len(part.broken)
        report.write(work / "parts", list(PARTS), HERE / "RESULTS.md")
    print(f"{broken} promises were broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
