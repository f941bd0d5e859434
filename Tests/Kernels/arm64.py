"""aarch64: the sources are built and unit-tested with Debian's own Swift in an arm64 tree, one
instruction at a time by qemu-user."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import trees
from report import Part

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SUITE = "trixie"
PACKAGES = ("swiftlang", "lld", "libarchive-dev", "libssl-dev", "libyaml-dev", "zlib1g-dev",
            "libzstd-dev", "liblzma-dev", "libbz2-dev", "liblz4-dev", "nettle-dev", "libacl1-dev")
# Those that look at pure values, files and processes; the black-box tests need strace(1), which
# qemu-user can't carry, and minutes that it does not have.
TESTS = "LinuxTests|ReleaseStoreTests|ArchiveTests|ReleasesCLITests"
# What differs under qemu-user 7.2 and not on a kernel: the test, and what was found there.
DIFFERENT = {
    "is_openBeneath_rejects_a_path_with_the_right_error":
        "openat2 answers ENOSYS, so it is openat that refuses",
    "is_openBeneath_opens_a_file_beneath_the_directory":
        "openat2 answers ENOSYS, and without it `..` is refused",
    "is_openBeneath_does_not_cross_to_another_mount":
        "statx answers that it knows the mount, and gives 0 for every mount",
    "is_the_size_of_files_is_limited": "the probe prints nothing for this attempt",
}
# They filter calls with seccomp, which qemu-user has not.
SKIPPED = "MissingCallTests"
FAILED = re.compile(r"^✘ Test (\w+)\(.*\) (?:failed|recorded an issue)", re.MULTILINE)
PASSED = re.compile(r"^✔ Test (\w+)\(.*\) passed", re.MULTILINE)
# A name that is a sentence takes Swift 6.2, and Debian has 6.0.
SENTENCE = re.compile(r"\b(func|struct|enum|class|case) `([^`\n]*[^A-Za-z0-9_`\n][^`\n]*)`")
# That an expectation returns the error takes Swift 6.1.
ERROR = re.compile(r"#(expect|require)\(throws: (SystemError|ReleasesError|DecodingError)\.self")
CAUGHT = """\
import Testing

@discardableResult
func caughtByExpect<E: Error, R>(
  _ type: E.Type, _ comment: Comment? = nil, _ body: () throws -> R
) -> E? {
  do {
    _ = try body()
    Issue.record("nothing was thrown")
  } catch let error as E {
    return error
  } catch {
    Issue.record(error)
  }
  return nil
}

@discardableResult
func caughtByRequire<E: Error, R>(_ type: E.Type, _ body: () throws -> R) throws -> E {
  let caught = caughtByExpect(type, nil, body)
  return try #require(caught)
}
"""
# The module that makes the system calls, and its tests: what differs between architectures, first
# and alone, since the rest takes an hour or more.
LINUX = """\
// swift-tools-version: 6.0
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
]
let package = Package(
  name: "linux",
  targets: [
    .systemLibrary(name: "CLinux"),
    .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: settings),
    .executableTarget(
      name: "sandbox-probe", dependencies: ["Linux"], path: "Tests/SandboxProbe"),
    .testTarget(
      name: "LinuxTests", dependencies: ["Linux", "sandbox-probe"], swiftSettings: settings),
  ]
)
"""
ALONE = ("Sources/CLinux", "Sources/Linux", "Tests/LinuxTests", "Tests/SandboxProbe")
APT = ("apt-get", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Check-Valid-Until=false")
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9),
           "tty": (5, 0)}
HOURS = 3600


def inside(tree: Path, *words: str, log: Path, limit: float) -> tuple[int, float]:
    """Runs a command in the tree: its status, 124 beyond the limit, and its seconds."""
    start = time.monotonic()
    with open(log, "ab") as file:
        file.write(f"$ {' '.join(words)}\n".encode())
        file.flush()
        ended = subprocess.run(
            ["timeout", "--kill-after=10", str(limit), "nice", "-n", "10", sys.executable, "-B",
             HERE / "emulated.py", tree, *words],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)
    return ended.returncode, time.monotonic() - start


def tree(cache: Path, log: Path) -> Path:
    """A trixie of arm64 with Debian's Swift, made once."""
    path, mark = cache / "tree-aarch64", cache / "tree-aarch64.done"
    if mark.exists():
        return path
    shutil.rmtree(path, ignore_errors=True)
    trees.run("debootstrap", "--arch=arm64", "--foreign", "--variant=minbase", SUITE, path,
              trees.MIRROR, log=log)
    for name, (major, minor) in DEVICES.items():
        device = path / "dev" / name
        if not device.exists():
            trees.run("mknod", "-m", "666", device, "c", major, minor)
    steps = [("/debootstrap/debootstrap", "--second-stage"), (*APT, "update"),
             (*APT, "install", "--yes", "--no-install-recommends", *PACKAGES)]
    for words in steps:
        code, _ = inside(path, *words, log=log, limit=2 * HOURS)
        if code:
            raise RuntimeError(f"{' '.join(words)}: status {code}, see {log.name}")
    mark.touch()
    return path


def sources(into: Path) -> int:
    """What git tracks, with tests that Swift 6.0 can read; how many names it could not."""
    listed = trees.run("git", "-C", ROOT, "ls-files", "Sources", "Tests", "Fixtures",
                       "Package.swift").splitlines()
    renamed = 0
    keep = into / ".build"
    for old in into.iterdir() if into.exists() else []:
        if old != keep:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for name in listed:
        if not (ROOT / name).is_file():
            continue
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, into / name)
        if name.startswith("Tests/") and name.endswith(".swift"):
            text = (into / name).read_text("utf-8")
            text, count = SENTENCE.subn(plain, text)
            renamed += count
            text = ERROR.sub(lambda match: f"caughtBy{match[1].title()}({match[2]}.self", text)
            (into / name).write_text(text, encoding="utf-8")
    for target in TESTS.split("|"):
        (into / "Tests" / target / "Caught.swift").write_text(CAUGHT, encoding="utf-8")
    return renamed


def plain(match: re.Match) -> str:
    """The same words as an identifier."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", match[2]).strip("_")
    return f"{match[1]} is_{words}"


def linux_alone(whole: Path, into: Path) -> None:
    """A package of the module that makes the system calls."""
    into.mkdir(exist_ok=True)
    for name in ALONE:
        shutil.rmtree(into / name, ignore_errors=True)
        shutil.copytree(whole / name, into / name)
    (into / "Package.swift").write_text(LINUX, encoding="utf-8")


def attempt(part: Part, path: Path, log: Path, what: str, *words: str, limit: float) -> bool:
    """A row in the words of the command itself; what it answered where it failed."""
    line = f"cd /src && {' '.join(words)}"
    code, seconds = inside(path, "sh", "-c", line, log=log, limit=limit)
    said = log.read_text("utf-8", errors="replace").strip().splitlines()[-12:]
    holds = code == 0
    part.text(f"**{what}**: `{' '.join(words)}`: status {code} after {seconds:.0f} s.")
    ending = [line for line in said if "Test run with" in line or "Build complete" in line]
    part.block("\n".join(ending if holds and ending else said))
    print(f"  {'ok' if holds else 'FAILED'}: {what}: status {code}, {seconds:.0f} s", flush=True)
    return part.expect(holds, f"{what}: status {code}")


def test_linux(part: Part, path: Path, log: Path, limit: float) -> None:
    """The tests of the module that makes system calls; each failure is one of qemu's, or ours."""
    linux_alone(path / "src", path / "src-linux")
    before = log.stat().st_size
    words = f"swift test --disable-sandbox -j 1 --skip {SKIPPED}"
    code, seconds = inside(
        path, "sh", "-c", f"cd /src-linux && {words}", log=log, limit=limit)
    said = log.read_bytes()[before:].decode(errors="replace")
    failed, passed = set(FAILED.findall(said)), set(PASSED.findall(said))
    part.text(f"The module that makes system calls, alone: `{words}`: status {code} after "
              f"{seconds:.0f} s, {len(passed)} tests passed. {SKIPPED} need seccomp filters, which "
              "qemu-user does not carry.")
    part.table(["test that fails", "what is different under qemu-user"],
               [[name, DIFFERENT.get(name, "**nothing is known**")] for name in sorted(failed)])
    print(f"  {len(passed)} passed, {len(failed)} failed, {seconds:.0f} s", flush=True)
    part.expect(bool(passed), f"the tests can be built and run: {said[-500:]}")
    for name in sorted(failed - set(DIFFERENT)):
        part.expect(False, f"{name} holds on aarch64")


def build_and_test(cache: Path, hours: float, is_whole: bool) -> Part:
    """Builds and tests the module that makes system calls; and, which takes hours, the rest."""
    log = cache / "aarch64.log"
    path = tree(cache, log)
    version = trees.run(sys.executable, "-B", HERE / "emulated.py", path, "swift", "--version")
    part = Part("aarch64", f"aarch64, Debian {SUITE} under qemu-user")
    renamed = sources(path / "src")
    manifest = path / "src/Package.swift"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if "BlackBoxTests" not in line), "utf-8")
    part.text(f"{' '.join(version.split())}. {renamed} names of tests that are sentences were "
              "written as identifiers, which Swift before 6.2 needs, and expectations that return "
              "the error they expect, which takes 6.1, as functions. The black-box tests are left "
              "out: they need strace(1), which qemu-user can't carry.")
    limit = hours * HOURS
    common = "--disable-sandbox -j 1"
    test_linux(part, path, log, limit)
    if not is_whole:
        part.text("The whole package was not built in this run; `run.py --whole` does it.")
        return part
    if attempt(part, path, log, "the unit tests are built", "swift", "build", common,
               "--build-tests", limit=limit):
        attempt(part, path, log, "the unit tests run", "swift", "test", common, "--skip-build",
                "--filter", f"'{TESTS}'", limit=limit)
    if attempt(part, path, log, "the product is built", "swift", "build", common, "-c", "release",
               "-Xswiftc", "-static-executable", "--product", "releases", limit=limit):
        attempt(part, path, log, "the main job is done", *MAIN_JOB, limit=600)
    return part


MAIN_JOB = ("export RELEASES_STORE=/opt/diting;", "rm -rf /opt/diting;",
            "R=.build/release/releases;", "mkdir -p /tmp/app;", "echo 1 >/tmp/app/VERSION;",
            "tar -czf /tmp/app.tar.gz -C /tmp/app . &&", "$R init &&",
            "$R deploy /tmp/app.tar.gz --id one &&", "$R deploy /tmp/app.tar.gz --id two &&",
            "$R rollback &&", "$R list &&", "$R verify --all &&", "$R check")
