"""Archives from PyPI and Debian, downloaded by pip and apt-get when the suite runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.debian_trees import MIRROR
from harness.makers.archive import Archive
from harness.processes import must_run, run

if TYPE_CHECKING:
    from pathlib import Path

# Pure packages of many build backends: setuptools, flit, hatchling, poetry, pdm.
SDISTS = (
    "requests==2.32.3",
    "flask==3.0.3",
    "click==8.1.7",
    "attrs==23.2.0",
    "rich==13.7.1",
    "six==1.16.0",
    "packaging==24.0",
    "idna==3.7",
    "wheel==0.43.0",
    "pdm-backend==2.3.0",
)
# Wheels of those backends, and of maturin, scikit-build, meson-python and Bazel.
WHEELS = (
    "requests==2.32.3",
    "click==8.1.7",
    "attrs==23.2.0",
    "rich==13.7.1",
    "ninja==1.11.1.1",
    "orjson==3.10.3",
    "contourpy==1.2.1",
    "protobuf==5.26.1",
    "uvicorn==0.29.0",
)
# Wheels that were made on Windows and macOS.
FOREIGN_WHEELS = (
    ("win_amd64", "pywin32==306"),
    ("win_amd64", "markupsafe==2.1.5"),
    ("win_amd64", "psutil==5.9.8"),
    ("win_amd64", "pyyaml==6.0.1"),
    ("win_amd64", "numpy==1.26.4"),
    ("macosx_11_0_arm64", "numpy==1.26.4"),
    ("macosx_11_0_arm64", "orjson==3.10.3"),
)
# Source packages of Debian, whose upstream archives many programs made.
DEBIAN_SOURCES = (
    "hello",
    "sl",
    "figlet",
    "zlib",
    "lz4",
    "bzip2",
    "jq",
    "tree",
    "python-bottle",
    "ruby-rack",
    "node-semver",
    "golang-github-pkg-errors",
    "libcommons-io-java",
    "time",
)


def from_pypi(work: Path) -> list[Archive]:
    """Download source archives and wheels."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    found: list[Archive] = []
    for name in SDISTS:
        found += downloaded(work / f"sdist-{name}", "sdist", [*pip, "--no-binary", ":all:", name])
    for name in WHEELS:
        options = ["--only-binary", ":all:", "--python-version", "3.11", name]
        found += downloaded(work / f"wheel-{name}", "wheel", [*pip, *options])
    for platform, name in FOREIGN_WHEELS:
        options = ["--only-binary", ":all:", "--python-version", "3.11", "--platform", platform]
        place = work / f"wheel-{name}-{platform}"
        found += downloaded(place, f"wheel for {platform}", [*pip, *options, name])
    return found


def downloaded(place: Path, maker: str, command: list[str]) -> list[Archive]:
    """Run pip unless it has run, and return what it downloaded."""
    if not place.exists():
        fresh = place.with_name(f"{place.name}.new")
        must_run(*command, "--dest", fresh)
        fresh.rename(place)
    return [Archive(path, f"PyPI, {maker}") for path in sorted(place.iterdir())]


def from_debian(work: Path) -> list[Archive]:
    """Download the archives of source packages, with package lists of the suite's own."""
    place = work / "debian"
    if not place.exists():
        lists = work / "apt"
        for name in ("lists/partial", "cache/archives/partial"):
            (lists / name).mkdir(parents=True, exist_ok=True)
        sources = lists / "sources.list"
        sources.write_text(f"deb-src {MIRROR} bookworm main\n", encoding="utf-8")
        options = [
            *("-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null"),
            *("-o", f"Dir::State::Lists={lists}/lists", "-o", f"Dir::Cache={lists}/cache"),
            *("-o", "APT::Sandbox::User=root"),
        ]
        must_run("apt-get", *options, "update")
        fresh = work / "debian.new"
        fresh.mkdir(exist_ok=True)
        for name in DEBIAN_SOURCES:
            ended = run(["apt-get", *options, "source", "--download-only", name], directory=fresh)
            if ended.status != 0:
                # A mirror need not have all sources.
                print(f"not downloaded: {name}: {ended.text.splitlines()[-1]}")
        fresh.rename(place)
    return [
        Archive(path, "Debian, upstream" if ".orig" in path.name else "Debian, dpkg-source")
        for path in sorted(place.iterdir())
        if ".tar." in path.name and not path.name.endswith(".asc")
    ]
