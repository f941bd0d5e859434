"""The small C programs of the suites, which are compiled when they are needed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.processes import must_run

if TYPE_CHECKING:
    from pathlib import Path


def compile_program(source: Path, directory: Path, *, libraries: tuple[str, ...] = ()) -> Path:
    """Compile a C source file into a directory.

    libraries: the names by which pkg-config(1) knows what the program is linked with.
    """
    program = directory / source.stem
    flags = must_run("pkg-config", "--cflags", "--libs", *libraries).split() if libraries else []
    warnings = ["-Wall", "-Wextra", "-Werror", "-pthread"]
    subprocess.run(["gcc", "-O2", *warnings, source, "-o", program, *flags], check=True)
    return program
