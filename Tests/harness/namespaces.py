"""Running a suite again in namespaces of its own, which end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

# Set in the process that runs in the namespaces.
INSIDE = "RELEASES_TEST_NAMESPACES"


def is_inside() -> bool:
    """Return whether this process is the one that runs in namespaces of its own."""
    return INSIDE in os.environ


def run_inside(*namespaces: str) -> int:
    """Run this program again in new mount and process namespaces, and return its exit status.

    namespaces: more options of unshare(1), such as `--net`.
    The new process gets SIGKILL when this one dies, and so does all that it has started.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    unshare = ["unshare", "--mount", "--pid", *namespaces, "--fork", "--kill-child", "--mount-proc"]
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *unshare, sys.executable, *sys.orig_argv[1:]],
        env={**os.environ, INSIDE: "1"},
    )
    try:
        return process.wait()
    finally:
        process.kill()
        process.wait()
