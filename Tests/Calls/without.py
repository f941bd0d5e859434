"""Runs a program for which the kernel lacks some calls.

    without.py NAME=ERROR... -- PROGRAM [ARGUMENT...]

A name is one of calls.py, an error one of ENOSYS, EPERM and EINVAL.
"""

from __future__ import annotations

import os
import sys

from calls import ANSWERS, CALLS, take_away


def main() -> None:
    end = sys.argv.index("--")
    for word in sys.argv[1:end]:
        name, _, answer = word.partition("=")
        take_away(CALLS[name], ANSWERS[answer])
    os.execv(sys.argv[end + 1], sys.argv[end + 1:])


main()
