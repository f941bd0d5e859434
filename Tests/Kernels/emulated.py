"""Runs a command in a tree of another architecture, one instruction at a time by qemu-user.

    emulated.py TREE COMMAND...

The kernel is told of the foreign binaries in a user namespace of the command's own: the machine's
binfmt_misc(5) stays as it is, and so do its mounts and processes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

FORMAT = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
REGISTER = Path("/proc/sys/fs/binfmt_misc/register")
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
VARIABLES = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
             "DEBIAN_FRONTEND": "noninteractive", "container": "lxc"}


def call(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(kind: str, path: Path, flags: int = 0, source: str = "none") -> None:
    words = (source.encode(), str(path).encode(), kind.encode())
    call(LIBC.mount(*words, flags, None), f"mount {path}")


def follow_parent() -> None:
    """Ends this process, and with it all of its namespace, as soon as its parent ends."""
    call(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "prctl")


def enter(tree: Path, words: list[str]) -> None:
    """In the new namespaces, as their first process."""
    mount("", Path("/"), MS_REC | MS_PRIVATE)
    mount("proc", Path("/proc"))
    mount("binfmt_misc", REGISTER.parent)
    REGISTER.write_text(FORMAT.read_text("ascii").strip(), encoding="ascii")
    mount("proc", tree / "proc")
    mount("tmpfs", tree / "dev/shm")
    os.chroot(tree)
    os.chdir("/")
    os.execvpe(words[0], words, VARIABLES)


def status(process: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code if code >= 0 else 128 - code


def main() -> int:
    tree, words = Path(sys.argv[1]).resolve(), sys.argv[2:]
    alone, mapped = os.pipe(), os.pipe()
    outer = os.fork()
    if outer:
        os.read(alone[0], 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{outer}/{kind}_map").write_text("0 0 65536", encoding="ascii")
        os.write(mapped[1], b"x")
        return status(outer)
    call(LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID), "unshare")
    os.write(alone[1], b"x")
    os.read(mapped[0], 1)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    follow_parent()
    inner = os.fork()
    if not inner:
        follow_parent()
        enter(tree, words)
    return status(inner)


if __name__ == "__main__":
    sys.exit(main())
