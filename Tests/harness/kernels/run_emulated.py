"""Runs a command in a tree of another architecture with qemu-user.

    run_emulated TREE COMMAND...

qemu-user is registered with binfmt_misc(5) in a user namespace of the command, so that the
machine's own registrations, mounts and processes stay as they are.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from harness.system_calls import (
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    MS_PRIVATE,
    MS_REC,
    call,
    mount,
)

FORMAT = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
REGISTER = Path("/proc/sys/fs/binfmt_misc/register")
PR_SET_PDEATHSIG = 1
VARIABLES = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
    "container": "lxc",
}


def follow_parent() -> None:
    """End this process and its namespaces as soon as its parent ends."""
    call("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL))


def enter(tree: Path, words: list[str]) -> None:
    """Become the command, as the first process of the new namespaces."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("none", "/proc", "proc")
    mount("none", REGISTER.parent, "binfmt_misc")
    REGISTER.write_text(FORMAT.read_text("ascii").strip(), encoding="ascii")
    mount("none", tree / "proc", "proc")
    mount("none", tree / "dev/shm", "tmpfs")
    os.chroot(tree)
    os.chdir("/")
    os.execvpe(words[0], words, VARIABLES)


def exit_status(process: int) -> int:
    """Wait for a process, and return the status that a shell would report."""
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code if code >= 0 else 128 - code


def main() -> int:
    """Run the command."""
    tree, words = Path(sys.argv[1]).resolve(), sys.argv[2:]
    alone, mapped = os.pipe(), os.pipe()
    outer = os.fork()
    if outer:
        os.read(alone[0], 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{outer}/{kind}_map").write_text("0 0 65536", encoding="ascii")
        os.write(mapped[1], b"x")
        return exit_status(outer)
    call("unshare", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)
    os.write(alone[1], b"x")
    os.read(mapped[0], 1)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    follow_parent()
    inner = os.fork()
    if not inner:
        follow_parent()
        enter(tree, words)
    return exit_status(inner)


if __name__ == "__main__":
    sys.exit(main())
