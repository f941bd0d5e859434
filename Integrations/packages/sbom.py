#!/usr/bin/env python3
"""Prints a bill of materials in SPDX 2.3: the libraries that are linked into a package's program.

    sbom.py VERSION PACKAGE PROGRAM

The versions are those of the Debian packages whose static archives the linker has used. The same
commit on the same host gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

# The package with the static archive, the name of the library, and its license.
LIBRARIES = {
    "libarchive-dev": ("libarchive", "BSD-2-Clause"),
    "libssl-dev": ("openssl", "Apache-2.0"),
    "libyaml-dev": ("libyaml", "MIT"),
    "zlib1g-dev": ("zlib", "Zlib"),
    "libzstd-dev": ("zstd", "BSD-3-Clause"),
    "liblzma-dev": ("xz", "0BSD"),
    "libbz2-dev": ("bzip2", "bzip2-1.0.6"),
    "liblz4-dev": ("lz4", "BSD-2-Clause"),
    "nettle-dev": ("nettle", "LGPL-3.0-or-later"),
    "libacl1-dev": ("acl", "LGPL-2.1-or-later"),
    "libisal-dev": ("isa-l", "BSD-3-Clause"),
    "libc6-dev": ("glibc", "LGPL-2.1-or-later"),
}
SWIFT = ("swift", "Apache-2.0 WITH Swift-exception")
NAMESPACE = "https://releases.example.org/spdx"


def output(*command: str) -> str:
    """Return what a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def material(name: str, version: str, license_name: str, locator: str) -> dict[str, object]:
    """Describe a library that is linked statically."""
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": license_name,
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": locator,
            }
        ],
    }


def materials() -> list[dict[str, object]]:
    """Describe all linked libraries."""
    found = []
    for package, (name, license_name) in sorted(LIBRARIES.items(), key=lambda item: item[1]):
        fields = "${Version} ${source:Package} ${source:Version}"
        version, source, _ = output("dpkg-query", "-W", "-f", fields, package).split()
        locator = f"pkg:deb/debian/{source}@{version}?arch=source"
        found.append(material(name, version, license_name, locator))
    version = output("swift", "--version").split("Swift version ")[1].split()[0]
    locator = f"pkg:github/swiftlang/swift@swift-{version}-RELEASE"
    found.append(material(SWIFT[0], version, SWIFT[1], locator))
    return found


def document(version: str, package: Path, program: Path) -> dict[str, object]:
    """Return the bill of materials of a package."""
    libraries = materials()
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    created = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    own = {
        "SPDXID": "SPDXRef-releases",
        "name": "releases",
        "versionInfo": version,
        "packageFileName": package.name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "comment": f"SHA-256 of the program: {hashlib.sha256(program.read_bytes()).hexdigest()}",
    }
    describes = [
        {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": own["SPDXID"],
        }
    ]
    links = [
        {
            "spdxElementId": own["SPDXID"],
            "relationshipType": "STATIC_LINK",
            "relatedSpdxElement": library["SPDXID"],
        }
        for library in libraries
    ]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": package.name,
        "documentNamespace": f"{NAMESPACE}/{package.name}-{digest}",
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Organization: The releases team", "Tool: sbom.py"],
        },
        "packages": [own, *libraries],
        "relationships": describes + links,
    }


def main() -> None:
    """Print the document."""
    version, package, program = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    print(json.dumps(document(version, package, program), indent=2))


if __name__ == "__main__":
    main()
