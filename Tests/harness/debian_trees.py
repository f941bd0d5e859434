"""Root directories that debootstrap(8) makes of Debian packages."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from harness.processes import must_run

if TYPE_CHECKING:
    from pathlib import Path

MIRROR = "http://deb.debian.org/debian"


def debian_tree(
    path: Path, suite: str, *options: str, packages: tuple[str, ...] = (), log: Path | None = None
) -> Path:
    """Make a minimal Debian once, and keep it for the next run.

    options: more options of debootstrap(8).
    packages: what is installed besides.
    """
    finished = path.with_name(f"{path.name}.done")
    if not finished.exists():
        shutil.rmtree(path, ignore_errors=True)
        include = [f"--include={','.join(packages)}"] if packages else []
        command = ["debootstrap", "--variant=minbase", *include, *options, suite]
        must_run("nice", "-n", "10", *command, path, MIRROR, log=log)
        finished.touch()
    return path
