#!/usr/bin/env python3
"""Prints the copyrights and licenses of the libraries that are linked into the program.

    notices.py VERSION MAP               the notices, as a text
    notices.py VERSION MAP copyright     a Debian copyright file, from the template `copyright`
    notices.py VERSION MAP expression    the license of the whole program, as SPDX writes it

MAP is the map that the linker has written. The notices are Debian's own files for the versions of
the libraries that were linked, and the license of the Swift toolchain.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from materials import LIBRARIES, license_expression, materials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from materials import Material

COMMON = Path("/usr/share/common-licenses")
WIDTH = 100


def heading(text: str) -> Iterator[str]:
    """Yield a heading."""
    yield from ("", "=" * WIDTH, text, "=" * WIDTH, "")


def table(found: list[Material]) -> str:
    """Return the libraries with their versions, licenses and sources."""
    return "\n".join(
        f"{material.name} {material.version}\n"
        f"    license: {material.license}\n"
        f"    source:  {material.source}"
        for material in found
    )


def unused(found: list[Material]) -> str:
    """Name the libraries that the linker was given, of which nothing is in the program."""
    names = sorted({name for name, _ in LIBRARIES.values()} - {each.name for each in found})
    return f"Nothing is linked of: {', '.join(names)}." if names else ""


def introduction(version: str, found: list[Material]) -> str:
    """Return what a reader has to know first."""
    lesser = " and ".join(material.name for material in found if "LGPL" in material.license)
    return f"""\
Third-party notices of releases {version}
{"=" * WIDTH}

The program `releases` is licensed under the Apache License, Version 2.0. It is linked statically,
and contains parts of the libraries below. This list was made from the linker's own map when the
package was built, and the notices are those of exactly these versions. {unused(found)}

{table(found)}

Of a library from Debian, `apt-get source PACKAGE=VERSION` also gets the source, where the source
package and its version are the last two names in the address above.

Libraries under the GNU Lesser General Public License
{"-" * WIDTH}

The program uses {lesser} under this license. Its text is at the end of this file. You may
change these libraries, link the program with your versions, and reverse engineer it to debug such
changes:

1. Get the source of releases {version}, which is published beside this package as
   releases-{version}.tar.gz. Its Makefile names everything that the build needs, and its
   Sources/README.md describes the build.
2. Build your version of the library as a static archive, and put it in place of Debian's, such as
   /usr/lib/x86_64-linux-gnu/libnettle.a.
3. Run `make build`. The program is .build/release/releases.

Nothing in the program checks which version of a library it contains."""


def text_of(material: Material) -> Iterator[str]:
    """Yield the notices of a library."""
    yield from heading(f"{material.name} {material.version}")
    yield material.notices.read_text(encoding="utf-8").rstrip()


def common_licenses(text: str) -> Iterator[str]:
    """Yield the licenses that the notices name by their files, which other hosts do not have."""
    names = set(re.findall(rf"{COMMON}/([A-Za-z0-9.-]*[A-Za-z0-9])", text))
    for path in sorted({(COMMON / name).resolve() for name in names}):
        if path.is_file():
            yield from heading(str(COMMON / path.name))
            yield path.read_text(encoding="utf-8").rstrip()


def notices(version: str, found: list[Material]) -> str:
    """Return the whole text."""
    lines = [introduction(version, found)]
    for material in found:
        lines += text_of(material)
    text = "\n".join(lines)
    return "\n".join([text, *common_licenses(text)])


def copyright_file(found: list[Material]) -> str:
    """Return the copyright file of the Debian package."""
    template = (Path(__file__).parent / "copyright").read_text(encoding="utf-8")
    lines = "\n".join(f"  {each.name} {each.version}: {each.license}" for each in found)
    return template.replace("@LIBRARIES@", lines).replace("@LICENSE@", license_expression(found))


def main() -> None:
    """Print the text that was asked for."""
    version, link_map, kind = sys.argv[1], Path(sys.argv[2]), [*sys.argv[3:], "notices"][0]
    found = materials(link_map)
    if kind == "notices":
        print(notices(version, found))
    elif kind == "copyright":
        print(copyright_file(found).rstrip())
    else:
        print(license_expression(found))


if __name__ == "__main__":
    main()
