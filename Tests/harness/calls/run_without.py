"""Runs a program for which some system calls fail.

    run_without NAME=ERROR... -- PROGRAM [ARGUMENT...]

A name is one of missing_calls.CALLS, an error one of ENOSYS, EPERM and EINVAL.
"""

from __future__ import annotations

import os
import sys

from harness.calls.missing_calls import ANSWERS, CALLS, block_calls


def main() -> None:
    """Become the program."""
    end = sys.argv.index("--")
    for word in sys.argv[1:end]:
        name, _, answer = word.partition("=")
        block_calls(CALLS[name], ANSWERS[answer])
    os.execv(sys.argv[end + 1], sys.argv[end + 1 :])


if __name__ == "__main__":
    main()
