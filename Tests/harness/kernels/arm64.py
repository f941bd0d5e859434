"""Builds the sources and runs the unit tests on aarch64, with Debian's own Swift and qemu-user."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

from harness.debian_trees import debian_tree
from harness.kernels.arm64_sources import TEST_TARGETS, copy_linux_module, copy_sources
from harness.kernels.report import Part
from harness.processes import must_run
from harness.repository import module_command

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "trixie"
PACKAGES = (
    "swiftlang",
    "lld",
    "libarchive-dev",
    "libssl-dev",
    "libyaml-dev",
    "zlib1g-dev",
    "libzstd-dev",
    "liblzma-dev",
    "libbz2-dev",
    "liblz4-dev",
    "nettle-dev",
    "libacl1-dev",
)
# Tests that fail under qemu-user 7.2 and not on a kernel, and why.
DIFFERENT = {
    "openBeneath rejects a path with the right error": (
        "openat2 answers ENOSYS, so it is openat that refuses"
    ),
    "openBeneath opens a file beneath the directory": (
        "openat2 answers ENOSYS, and without it `..` is refused"
    ),
    "openBeneath does not cross to another mount": (
        "statx answers that it knows the mount, and gives 0 for every mount"
    ),
    "the size of files is limited": "the probe prints nothing for this attempt",
}
# These tests need seccomp filters, which qemu-user does not have.
SKIPPED = "MissingCallTests"
CASES = r"(?: with \d+ test cases?)?"
FAILED = re.compile(rf'^✘ Test "(.+)"{CASES} (?:failed|recorded an issue)', re.MULTILINE)
PASSED = re.compile(rf'^✔ Test "(.+)"{CASES} passed', re.MULTILINE)
APT = ("apt-get", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Check-Valid-Until=false")
DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
HOUR = 3600


def inside(tree: Path, *words: str, log: Path, limit: float) -> tuple[int, float]:
    """Run a command in the tree; return its status, 124 after the time limit, and its seconds."""
    start = time.monotonic()
    emulated = module_command("harness.kernels.run_emulated", tree, *words)
    with log.open("ab") as file:
        file.write(f"$ {' '.join(words)}\n".encode())
        file.flush()
        ended = subprocess.run(
            ["timeout", "--kill-after=10", str(limit), "nice", "-n", "10", *emulated],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            check=False,
        )
    return ended.returncode, time.monotonic() - start


def arm64_tree(cache: Path, log: Path) -> Path:
    """Make a trixie of arm64 with Debian's Swift once."""
    path, finished = cache / "tree-aarch64", cache / "tree-aarch64.done"
    if finished.exists():
        return path
    debian_tree(path, SUITE, "--arch=arm64", "--foreign", log=log)
    # The tree is not finished before the second stage.
    finished.unlink()
    for name, (major, minor) in DEVICES.items():
        device = path / "dev" / name
        if not device.exists():
            must_run("mknod", "-m", "666", device, "c", major, minor)
    steps = [
        ("/debootstrap/debootstrap", "--second-stage"),
        (*APT, "update"),
        (*APT, "install", "--yes", "--no-install-recommends", *PACKAGES),
    ]
    for words in steps:
        status, _ = inside(path, *words, log=log, limit=2 * HOUR)
        if status:
            raise RuntimeError(f"{' '.join(words)}: status {status}, see {log.name}")
    finished.touch()
    return path


def run_step(part: Part, path: Path, log: Path, what: str, *words: str, limit: float) -> bool:
    """Run a command, and add its status and the end of its output to the report."""
    line = f"cd /src && {' '.join(words)}"
    status, seconds = inside(path, "sh", "-c", line, log=log, limit=limit)
    printed = log.read_text("utf-8", errors="replace").strip().splitlines()[-12:]
    holds = status == 0
    part.text(f"**{what}**: `{' '.join(words)}`: status {status} after {seconds:.0f} s.")
    ending = [line for line in printed if "Test run with" in line or "Build complete" in line]
    part.block("\n".join(ending if holds and ending else printed))
    print(f"  {'ok' if holds else 'FAILED'}: {what}: status {status}, {seconds:.0f} s", flush=True)
    return part.expect(holds, f"{what}: status {status}")


def test_linux(part: Part, path: Path, log: Path, limit: float) -> None:
    """Test the module that makes system calls; a failure is known of qemu-user, or ours."""
    copy_linux_module(path / "src", path / "src-linux")
    before = log.stat().st_size
    words = f"swift test --disable-sandbox -j 1 --skip {SKIPPED}"
    status, seconds = inside(path, "sh", "-c", f"cd /src-linux && {words}", log=log, limit=limit)
    printed = log.read_bytes()[before:].decode(errors="replace")
    failed, passed = set(FAILED.findall(printed)), set(PASSED.findall(printed))
    part.text(
        f"The module that makes system calls was tested alone. `{words}`: status {status} after "
        f"{seconds:.0f} s, {len(passed)} tests passed. {SKIPPED} need seccomp filters, which "
        "qemu-user does not have."
    )
    part.table(
        ["test that fails", "what is different under qemu-user"],
        [[name, DIFFERENT.get(name, "**unknown**")] for name in sorted(failed)],
    )
    print(f"  {len(passed)} passed, {len(failed)} failed, {seconds:.0f} s", flush=True)
    part.expect(bool(passed), f"the tests can be built and run: {printed[-500:]}")
    for name in sorted(failed - set(DIFFERENT)):
        part.expect(False, f"{name} holds on aarch64")


def build_and_test(cache: Path, hours: float, is_whole: bool) -> Part:
    """Build and test the module that makes system calls.

    is_whole: whether the whole package is built and tested too, which takes hours.
    """
    log = cache / "aarch64.log"
    path = arm64_tree(cache, log)
    version = must_run(*module_command("harness.kernels.run_emulated", path, "swift", "--version"))
    part = Part("aarch64", f"aarch64, Debian {SUITE} under qemu-user")
    renamed = copy_sources(path / "src")
    manifest = path / "src/Package.swift"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if "BlackBoxTests" not in line), "utf-8")
    part.text(
        f"{' '.join(version.split())}. {renamed} test names that are sentences were replaced by "
        "identifiers, since sentences need Swift 6.2; and expectations that return the error "
        "were replaced by functions, since they need 6.1. The black-box tests were not run, "
        "since they need strace(1), which does not work under qemu-user."
    )
    limit = hours * HOUR
    test_linux(part, path, log, limit)
    if is_whole:
        build_whole_package(part, path, log, limit)
    else:
        part.text("The whole package was not built in this run; `--whole` does that.")
    return part


def build_whole_package(part: Part, path: Path, log: Path, limit: float) -> None:
    """Build and run the unit tests, and build the product and do the main job with it."""
    build, test = (f"swift {word} --disable-sandbox -j 1".split() for word in ("build", "test"))
    if run_step(part, path, log, "the unit tests are built", *build, "--build-tests", limit=limit):
        tests = ("--skip-build", "--filter", f"'{'|'.join(TEST_TARGETS)}'")
        run_step(part, path, log, "the unit tests run", *test, *tests, limit=limit)
    product = ["-c", "release", "-Xswiftc", "-static-executable", "--product", "releases"]
    if run_step(part, path, log, "the product is built", *build, *product, limit=limit):
        run_step(part, path, log, "the main job is done", *MAIN_JOB, limit=600)


MAIN_JOB = (
    "export RELEASES_STORE=/opt/diting;",
    "rm -rf /opt/diting;",
    "R=.build/release/releases;",
    "mkdir -p /tmp/app;",
    "echo 1 >/tmp/app/VERSION;",
    "tar -czf /tmp/app.tar.gz -C /tmp/app . &&",
    "$R init &&",
    "$R deploy /tmp/app.tar.gz --id one &&",
    "$R deploy /tmp/app.tar.gz --id two &&",
    "$R rollback &&",
    "$R list &&",
    "$R verify --all &&",
    "$R check",
)
