"""Paths in the repository, and how to run another module of this package."""

from __future__ import annotations

import sys
from pathlib import Path

HARNESS = Path(__file__).resolve().parent
TESTS = HARNESS.parent
ROOT = TESTS.parent


def module_command(module: str, *arguments: str | Path, tests: Path = TESTS) -> list[str]:
    """Return the command line that runs a module of this package in any working directory.

    tests: the directory Tests of another copy of the repository.
    """
    python = [sys.executable, "-B", "-m", module]
    return ["env", f"PYTHONPATH={tests}", *python, *map(str, arguments)]
