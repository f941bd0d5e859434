"""The arguments that the suites have in common, and how a suite ends."""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise

if TYPE_CHECKING:
    from collections.abc import Callable


def absolute_path(text: str) -> Path:
    """Convert an argument to an absolute path."""
    return Path(text).resolve()


def suite_parser(description: str | None, *, has_binary: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the arguments BINARY and --work, both absolute paths."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if has_binary:
        parser.add_argument("binary", type=absolute_path, help="the `releases` to test")
    parser.add_argument(
        "--work", type=absolute_path, required=True, help="the directory to work in"
    )
    return parser


def run_suite(main: Callable[[], int]) -> None:
    """Run a suite and exit with its status; a broken promise is printed and ends it with 1."""
    try:
        status = main()
    except BrokenPromise as broken:
        caller = traceback.extract_tb(broken.__traceback__)[-2]
        place = f"{Path(caller.filename).name}:{caller.lineno}"
        print(f"FAILED: {broken} ({place})", file=sys.stderr)
        status = 1
    sys.exit(status)
