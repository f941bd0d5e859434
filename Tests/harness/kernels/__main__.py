"""Tests the package under Debian's own kernels, in virtual machines whose power is cut.

A part is one of: 5.10, 6.1, selinux, aarch64. The suite takes root, for debootstrap(8) and
chroot(8). Trees and disks are kept in WORK. What was seen is written to RESULTS.md, also when one
part is run alone. The suite exits with 1 when a promise was broken.
"""

from __future__ import annotations

import random
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable

from harness.command_line import absolute_path, run_suite, suite_parser
from harness.kernels import arm64, guest_disks, report, selinux
from harness.kernels.guest import Guest
from harness.kernels.guest_disks import Suite
from harness.kernels.installed_host import CONFIGURATION
from harness.kernels.kernel_scenarios import KernelScenarios, make_archives
from harness.kernels.report import Part
from harness.kernels.selinux import SELinuxScenarios
from harness.repository import HARNESS, ROOT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path


def second_disk(package: Path, work: Path, name: str) -> Path:
    """Make the disk with the package, the archives and this Python package."""
    content = work / f"harness-{name}"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir(parents=True)
    shutil.copy(package, content / "releases.deb")
    shutil.copy(ROOT / "Integrations/sudoers/releases", content / "sudoers")
    shutil.copy(ROOT / "Integrations/systemd/diting.service", content)
    shutil.copytree(HARNESS, content / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    (content / "releases.yaml").write_text(CONFIGURATION, encoding="utf-8")
    make_archives(content)
    return guest_disks.harness_disk(content, work / f"harness-{name}.img")


@contextmanager
def guest(options: argparse.Namespace, work: Path, suite: Suite) -> Iterator[tuple[Guest, str]]:
    """Boot a guest with a disk of its own; yield it with the version of its kernel."""
    machine = guest_disks.machine(suite, work)
    disk = guest_disks.copy(machine.disk, work / f"run-{suite.name}.img")
    log = work / f"console-{suite.name}.log"
    log.unlink(missing_ok=True)
    disks = [disk, second_disk(options.package, work, suite.name)]
    found = Guest(machine.kernel, machine.initrd, disks, log, suite.extra)
    try:
        found.boot()
        yield found, machine.version
    finally:
        found.cut()
        disk.unlink()


def test_kernel(options: argparse.Namespace, work: Path, name: str) -> Part:
    """Try all scenarios under one kernel."""
    suite = SUITES[name]
    with guest(options, work, suite) as (machine, version):
        part = Part(name, f"Linux {version}, Debian {suite.suite}")
        scenarios = KernelScenarios(machine, part)
        scenarios.begin()
        scenarios.deploy_and_roll_back()
        scenarios.timers()
        scenarios.cut_unconfirmed()
        scenarios.cut_after_deploy()
        scenarios.cut_unpacking()
        scenarios.cut_at_random(options.seed, options.cuts)
        scenarios.crash_slice(options.seed, options.tasks)
        scenarios.finish()
    return part


def test_selinux(options: argparse.Namespace, work: Path, name: str) -> Part:
    """Try the scenarios with SELinux enforcing, on the newer kernel."""
    with guest(options, work, SUITES[name]) as (machine, version):
        part = Part(name, f"SELinux enforcing, Linux {version}, Debian {SUITES[name].suite}")
        scenarios = SELinuxScenarios(machine, part)
        scenarios.begin()
        scenarios.run_all()
        scenarios.finish()
    return part


def test_aarch64(options: argparse.Namespace, work: Path, _: str) -> Part:
    """Build and test for another architecture, as far as this machine can."""
    return arm64.build_and_test(work, options.hours, options.whole)


SUITES = {
    suite.name: suite
    for suite in [Suite("5.10", "bullseye"), Suite("6.1", "bookworm"), selinux.SUITE]
}
PARTS: dict[str, Callable[[argparse.Namespace, Path, str], Part]] = {
    "5.10": test_kernel,
    "6.1": test_kernel,
    "selinux": test_selinux,
    "aarch64": test_aarch64,
}


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__, has_binary=False)
    parser.add_argument("package", type=absolute_path, help="the .deb that is installed")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1_000_000))
    parser.add_argument("--cuts", type=int, default=3, help="at random moments, for each kernel")
    parser.add_argument("--tasks", type=int, default=12, help="of the crash suite")
    parser.add_argument("--hours", type=float, default=2, help="for each step of aarch64")
    parser.add_argument("--whole", action="store_true", help="all of it on aarch64; takes hours")
    parser.add_argument("parts", nargs="*", default=[], help=", ".join(PARTS))
    options = parser.parse_intermixed_args()
    kept = options.work / "parts"
    kept.mkdir(parents=True, exist_ok=True)
    print(f"kernels: seed {options.seed}", flush=True)
    broken = 0
    for name in options.parts or PARTS:
        print(f"kernels: {name}", flush=True)
        start = time.monotonic()
        part = PARTS[name](options, options.work, name)
        part.text(f"Seed {options.seed}; {time.monotonic() - start:.0f} s.")
        part.save(kept)
        broken += len(part.broken)
        report.write(kept, list(PARTS), HARNESS / "kernels/RESULTS.md")
    print(f"kernels: {broken} broken promises")
    return 1 if broken else 0


if __name__ == "__main__":
    run_suite(main)
