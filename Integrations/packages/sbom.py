#!/usr/bin/env python3
"""Prints a bill of materials in SPDX 2.3: the libraries that are linked into a package's program.

    sbom.py VERSION PACKAGE PROGRAM MAP

The libraries are those in MAP, which the linker has written, and the versions are those of the
Debian packages that have them. The same commit on the same host gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from materials import OWN_LICENSE, PUBLIC_DOMAIN, license_expression, materials

if TYPE_CHECKING:
    from materials import Material

NAMESPACE = "https://releases.example.org/spdx"


def library(found: Material) -> dict[str, object]:
    """Describe a library that is linked statically."""
    return {
        "SPDXID": f"SPDXRef-{found.name}",
        "name": found.name,
        "versionInfo": found.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": found.license,
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": found.locator,
            }
        ],
    }


def document(
    version: str, package: Path, program: Path, found: list[Material]
) -> dict[str, object]:
    """Return the bill of materials of a package."""
    libraries = [library(each) for each in found]
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    created = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    own = {
        "SPDXID": "SPDXRef-releases",
        "name": "releases",
        "versionInfo": version,
        "packageFileName": package.name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": license_expression(found),
        "licenseDeclared": OWN_LICENSE,
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
            "relatedSpdxElement": each["SPDXID"],
        }
        for each in libraries
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
        "hasExtractedLicensingInfos": [
            {"licenseId": PUBLIC_DOMAIN, "extractedText": "This file is in the public domain."}
        ],
        "relationships": describes + links,
    }


def main() -> None:
    """Print the document."""
    version, *paths = sys.argv[1:]
    package, program, link_map = map(Path, paths)
    print(json.dumps(document(version, package, program, materials(link_map)), indent=2))


if __name__ == "__main__":
    main()
