"""Finds the libraries that are linked into the program, by the map that the linker has written.

A file that the linker took from a package whose license is not known here is an error.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# The license of the project itself.
OWN_LICENSE = "Apache-2.0"
# An identifier that SPDX does not have: liblzma 5.4 is in the public domain.
PUBLIC_DOMAIN = "LicenseRef-public-domain"
# Debian's source package without a version in its name, the name of the library, and its license.
LIBRARIES = {
    "acl": ("acl", "LGPL-2.1-or-later"),
    "bzip2": ("bzip2", "bzip2-1.0.6"),
    "gcc": ("gcc", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "glibc": ("glibc", "LGPL-2.1-or-later"),
    "libarchive": ("libarchive", "BSD-2-Clause"),
    "libisal": ("isa-l", "BSD-3-Clause"),
    "libyaml": ("libyaml", "MIT"),
    "libzstd": ("zstd", "BSD-3-Clause"),
    "lz4": ("lz4", "BSD-2-Clause"),
    "nettle": ("nettle", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "openssl": ("openssl", "Apache-2.0"),
    "xz-utils": ("xz", PUBLIC_DOMAIN),
    "zlib": ("zlib", "Zlib"),
}
SWIFT_LICENSE = "Apache-2.0 WITH Swift-exception"
# What dpkg-query(1) prints of a package.
FIELDS = "${Package} ${Version} ${source:Package} ${source:Version}\n"
# A line of a map of lld: address, load address, size, alignment, file, section.
LINE = re.compile(r"\s*[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+\s+\d+\s+(/[^():]+\.[ao])(?:\([^)]*\))?:\(")


@dataclass(frozen=True, order=True)
class Material:
    """A library in the program."""

    name: str
    version: str
    license: str
    # Where a package manager finds the source, as a package URL.
    locator: str
    # Where a person finds the source.
    source: str
    # The file with its copyrights and licenses.
    notices: Path


@dataclass(frozen=True, order=True)
class Described:
    """A Debian package, and the source that it was built from."""

    name: str
    version: str
    source: str
    source_version: str


def output(*command: str) -> str:
    """Return what a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def linked_files(link_map: Path) -> set[Path]:
    """Return the archives and object files that parts of the program come from."""
    with link_map.open(encoding="utf-8") as lines:
        found = {Path(match[1]) for match in map(LINE.match, lines) if match}
    build = link_map.resolve().parent
    files = {path.resolve() for path in found}
    # What the compiler has made of this project is no library; ISA-L is built there, too.
    return {path for path in files if build not in path.parents or path.name == "libisal.a"}


def toolchain() -> Path:
    """Return the directory of the Swift toolchain, which has `usr` in it."""
    return Path(shutil.which("swift") or "swift").resolve().parents[2]


def swift_material() -> Material:
    """Describe Swift's runtime and its libraries."""
    version = output("swift", "--version").split("Swift version ")[1].split()[0]
    tag = f"swift-{version}-RELEASE"
    return Material(
        "swift",
        version,
        SWIFT_LICENSE,
        f"pkg:github/swiftlang/swift@{tag}",
        f"https://github.com/swiftlang, tag {tag}: swift, swift-foundation, swift-collections,"
        " swift-experimental-string-processing, swift-corelibs-libdispatch",
        toolchain() / "usr/share/swift/LICENSE.txt",
    )


def debian_material(packages: list[Described]) -> Material:
    """Describe the library that some packages have been built from."""
    first = min(packages)
    name, license_name = LIBRARIES[bare_name(first.source)]
    return Material(
        name,
        first.version,
        license_name,
        f"pkg:deb/debian/{first.source}@{first.source_version}?arch=source",
        f"https://snapshot.debian.org/package/{first.source}/{first.source_version}/",
        Path(f"/usr/share/doc/{first.name}/copyright").resolve(),
    )


def bare_name(source: str) -> str:
    """Return the name of a source package without a version at its end, as in gcc-12."""
    return re.sub(r"-[0-9]+$", "", source)


def packages_of(files: list[Path]) -> set[str]:
    """Return the Debian packages of some files."""
    # Debian has no static ISA-L: Fixtures/static-isal.sh makes it of the same source.
    own = {"libisal-dev" for file in files if file.name == "libisal.a"}
    others = [str(file) for file in files if file.name != "libisal.a"]
    return own | {line.split(":")[0] for line in output("dpkg", "-S", *others).splitlines()}


def materials(link_map: Path) -> list[Material]:
    """Describe all libraries in the program, sorted by name."""
    swift, files = toolchain(), sorted(linked_files(link_map))
    debian = [file for file in files if swift not in file.parents]
    if not debian or len(debian) == len(files):
        raise SystemExit(f"materials: {link_map} names no libraries; run: make build")
    by_source: dict[str, list[Described]] = {}
    for line in output("dpkg-query", "-W", "-f", FIELDS, *packages_of(debian)).splitlines():
        package = Described(*line.split())
        if bare_name(package.source) not in LIBRARIES:
            raise SystemExit(f"materials: the license of {package.source} is not known")
        by_source.setdefault(package.source, []).append(package)
    return sorted([swift_material(), *map(debian_material, by_source.values())])


def license_expression(found: list[Material]) -> str:
    """Return the license of the whole program."""
    parts = {material.license for material in found} - {OWN_LICENSE}
    return " AND ".join(
        [OWN_LICENSE, *(f"({part})" if " OR " in part else part for part in sorted(parts))]
    )
