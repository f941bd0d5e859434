"""Copies the sources, and changes the tests so that Debian's older Swift can compile them."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from harness.processes import must_run
from harness.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# The test targets that can be run under qemu-user.
TEST_TARGETS = ("LinuxTests", "ReleaseStoreTests", "ArchiveTests", "ReleasesCLITests")
# A name that is a sentence needs Swift 6.2, and Debian has 6.0.
SENTENCE = re.compile(r"\b(func|struct|enum|class|case) `([^`\n]*[^A-Za-z0-9_`\n][^`\n]*)`")
# An expectation returns the error since Swift 6.1.
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
# The module that makes the system calls differs between architectures. It is tested alone, since
# the rest takes an hour or more.
LINUX_PACKAGE = """\
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
LINUX_FILES = ("Sources/CLinux", "Sources/Linux", "Tests/LinuxTests", "Tests/SandboxProbe")


def copy_sources(into: Path) -> int:
    """Copy the files that git tracks, changed for Swift 6.0; return how many names changed."""
    listed = must_run(
        "git", "-C", ROOT, "ls-files", "Sources", "Tests", "Fixtures", "Package.swift"
    ).splitlines()
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
            text, count = SENTENCE.subn(with_identifier, text)
            renamed += count
            text = ERROR.sub(lambda match: f"caughtBy{match[1].title()}({match[2]}.self", text)
            (into / name).write_text(text, encoding="utf-8")
    for target in TEST_TARGETS:
        (into / "Tests" / target / "Caught.swift").write_text(CAUGHT, encoding="utf-8")
    return renamed


def with_identifier(match: re.Match[str]) -> str:
    """Return a declaration with an identifier in place of a sentence."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", match[2]).strip("_")
    return f"{match[1]} is_{words}"


def copy_linux_module(whole: Path, into: Path) -> None:
    """Make a package of the module that makes the system calls."""
    into.mkdir(exist_ok=True)
    for name in LINUX_FILES:
        shutil.rmtree(into / name, ignore_errors=True)
        shutil.copytree(whole / name, into / name)
    (into / "Package.swift").write_text(LINUX_PACKAGE, encoding="utf-8")
