"""Calls of the C library that Python has no function for."""

from __future__ import annotations

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 0x1000, 0x4000, 0x40000


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library.

    Raises OSError with the function's name when it does not return 0.
    """
    if getattr(LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(
    source: str, path: object, kind: str | None = None, flags: int = 0, options: str | None = None
) -> None:
    """Call mount(2)."""
    words = (source.encode(), os.fsencode(str(path)), kind.encode() if kind else None)
    call("mount", *words, flags, options.encode() if options else None)


def unshare_mounts() -> None:
    """Give this process a mount namespace, so that what it mounts ends with it."""
    call("unshare", CLONE_NEWNS)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
