"""The directory that the local makers pack."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.archives import write_files

if TYPE_CHECKING:
    from pathlib import Path

# The first header of tar has a hundred bytes for a name.
LONG_NAME = "a-name-that-is-too-long-for-the-first-header-of-tar-" * 4


def sample_tree(path: Path) -> Path:
    """Make a directory with code, links, empty files, and names of many kinds."""
    write_files(
        path,
        {
            "VERSION": "1\n",
            "package.json": '{"name": "app", "version": "1.0.0"}\n',
            "bin/run": "#!/bin/sh\necho 1\n",
            "lib/empty": "",
            "lib/name with blanks": "text\n",
            "lib/日本語/café.txt": "text\n",
            f"lib/{LONG_NAME}.txt": "text\n",
            "lib/" + "deep/" * 30 + "file": "text\n",
            "static/large.txt": "".join(f"line {number}\n" for number in range(60_000)),
        },
    )
    (path / "bin/run").chmod(0o755)
    (path / "lib/name with blanks").chmod(0o600)
    (path / "static/random.bin").write_bytes(
        bytes(number * number % 251 for number in range(99_999))
    )
    (path / "empty").mkdir()
    (path / "current").symlink_to("lib/日本語")
    (path / "bin/start").symlink_to("run")
    os.link(path / "VERSION", path / "lib/hard")
    for directory, _, files in os.walk(path):
        for name in [*files, "."]:
            # An even second, since zip has no odd ones.
            os.utime(os.path.join(directory, name), (1_700_000_000,) * 2, follow_symlinks=False)
    return path
