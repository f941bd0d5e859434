"""What the packages say about the libraries in the program, and under which licenses."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import processes
from harness.assertions import expect
from harness.processes import must_run
from harness.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTICES = ROOT / "Integrations/packages/notices.py"
SECURITY_PAGE = ROOT / "man/releases-security.7"
# The sentence of that page that lists the libraries.
LIBRARIES_SENTENCE = re.compile(r"It contains parts of these libraries: ([^:]*?)\.\n")
DOCUMENTS = "usr/share/doc/releases"
# Texts that the LGPL asks for: the licenses, and how to link the program again.
REQUIRED = (
    "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 2.1",
    "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 3",
    "GNU GENERAL PUBLIC LICENSE\n                       Version 3",
    "GCC RUNTIME LIBRARY EXCEPTION",
    "Runtime Library Exception to the Apache 2.0 License",
    "Run `make build`",
    "reverse engineer it",
)


def bill(package: Path) -> dict[str, Any]:
    """Return the bill of materials of a package."""
    found: dict[str, Any] = json.loads(Path(f"{package}.spdx.json").read_text(encoding="utf-8"))
    return found


def libraries(package: Path) -> Iterable[dict[str, Any]]:
    """Return the libraries in the bill of materials."""
    return (found for found in bill(package)["packages"] if found["name"] != "releases")


def expect_materials(package: Path, binary: Path) -> None:
    """Expect that the bill of materials agrees with what the program says of itself."""
    listed = {found["name"]: found["versionInfo"] for found in bill(package)["packages"]}
    own = json.loads(must_run(binary, "version", "--json"))
    expect(listed.get("releases") == own["version"], f"the bill is of this version: {listed}")
    for library in own["libraries"]:
        name, version = library["name"], library["version"]
        # Debian's version begins with that of the library, after an epoch.
        found = listed.get(name, "").rpartition(":")[2]
        expect(found.startswith(version), f"{name} {version} is in the bill: {found}")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    expect(digest in json.dumps(bill(package)), "the bill names the package by its digest")


def expect_page(package: Path) -> None:
    """Expect that releases-security(7) lists exactly the libraries of the bill of materials."""
    sentence = LIBRARIES_SENTENCE.search(SECURITY_PAGE.read_text(encoding="utf-8"))
    expect(sentence is not None, f"{SECURITY_PAGE.name} lists the libraries")
    words = sentence[1].replace("the runtime of ", "") if sentence else ""
    names = (name.strip() for name in re.split(r",|\band\b|\bfrom Debian\b", words))
    on_page = sorted({name.lower() for name in names if name})
    in_bill = sorted(library["name"] for library in libraries(package))
    expect(on_page == in_bill, f"the page lists {in_bill}, not {on_page}")


def unpack(package: Path, place: Path) -> None:
    """Extract the files of a package."""
    place.mkdir(parents=True)
    if package.suffix == ".deb":
        must_run("dpkg", "-x", package, place)
    else:
        must_run("sh", "-c", 'cd "$1" && rpm2cpio "$2" | cpio --quiet -idm', "sh", place, package)


def expect_licenses(package: Path, work: Path) -> None:
    """Expect that notices, bill of materials and the package's own license agree."""
    place = work / "licenses"
    unpack(package, place)
    notices = (place / DOCUMENTS / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
    for library in libraries(package):
        line = f"\n{library['name']} {library['versionInfo']}\n"
        # Each library is in the list, and has a part of its own.
        expect(notices.count(line) == 2, f"the notices have {line!r} twice")
        declared = f"license: {library['licenseDeclared']}\n"
        expect(declared in notices, f"the notices have {declared!r}")
    for text in REQUIRED:
        expect(text in notices, f"the notices have {text!r}")
    whole = next(f for f in bill(package)["packages"] if f["name"] == "releases")
    whole_license = whole["licenseConcluded"]
    if package.suffix == ".deb":
        text = (place / DOCUMENTS / "copyright").read_text(encoding="utf-8")
        expect(f"is: {whole_license}\n" in text, f"the copyright file has {whole_license}: {text}")
    else:
        tag = must_run("rpm", "-qp", "--qf", "%{LICENSE}", package)
        expect(tag == whole_license, f"the tag License is {whole_license}: {tag}")
        license_text = (place / "usr/share/licenses/releases/LICENSE").read_bytes()
        expect(license_text == (ROOT / "LICENSE").read_bytes(), "the license is in the package")
    expect(whole_license.startswith("Apache-2.0 AND "), f"the license is {whole_license}")
    shutil.rmtree(place)


def expect_unknown_refused() -> None:
    """A library whose license is not known, and a map without libraries, end the build."""
    real = Path(os.environ["RELEASES_LINK_MAP"])
    changed = real.with_name("changed.map")
    line = "  1  1  10  1  /usr/lib/x86_64-linux-gnu/{}:(.text)\n"
    cases = (
        (
            real.read_text(encoding="utf-8") + line.format("libattr.a(x.o)"),
            "license of attr is not",
        ),
        ("", "names no libraries"),
    )
    for text, words in cases:
        changed.write_text(text, encoding="utf-8")
        run = processes.run(["/usr/bin/python3", "-B", NOTICES, "1", changed])
        expect(run.status != 0 and words in run.text, f"{words!r}: {run}")
    changed.unlink()
