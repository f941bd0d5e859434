"""What good archives are unpacked to."""

from __future__ import annotations

import hashlib
from typing import Any

from tarball import TIME, Name


def expected_file(data: Name, mode: int = 0o644, mtime: int = TIME) -> dict[str, Any]:
    """Return the facts of a regular file."""
    data = data if isinstance(data, bytes) else data.encode()
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "mode": mode,
        "mtime": mtime,
    }


CONTENT = expected_file("content\n")
# The same name, composed and decomposed.
NFC, NFD = "caf\u00e9", "cafe\u0301"
