#!/usr/bin/env python3
"""Records what changes on a file system.

    watch-files.py DIRECTORY LOG

This watches the whole file system that DIRECTORY is on, see fanotify(7), from when it prints
"watching" until the end of its input. It takes root. LOG, which should be elsewhere, gets a line
for each file that was made, changed, renamed or removed: the event and the path, or "gone/NAME"
when the directory is gone. "overflow" says that events were lost.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import sys

EVENTS = {
    0x2: "modify",
    0x4: "attributes",
    0x40: "moved-from",
    0x80: "moved-to",
    0x100: "create",
    0x200: "delete",
}
ON_DIRECTORY, OVERFLOW = 0x40000000, 0x4000
# FAN_CLOEXEC, FAN_NONBLOCK, FAN_UNLIMITED_QUEUE, FAN_REPORT_DIR_FID and FAN_REPORT_NAME.
INIT_FLAGS = 0x1 | 0x2 | 0x10 | 0x400 | 0x800
MARK_FLAGS = 0x1 | 0x100  # FAN_MARK_ADD, FAN_MARK_FILESYSTEM
DIRECTORY_AND_NAME = 2
AT_FDCWD, O_PATH = -100, 0o10000000

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Return the result of a call, or exit with its error."""
    if result < 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


class Watcher:
    """The events of a file system."""

    def __init__(self, directory: str) -> None:
        self.seen: set[str] = set()
        self.mount = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        self.events = checked(libc.fanotify_init(INIT_FLAGS, os.O_RDONLY), "fanotify_init")
        mask = ctypes.c_uint64(sum(EVENTS) | ON_DIRECTORY)
        checked(
            libc.fanotify_mark(self.events, MARK_FLAGS, mask, AT_FDCWD, directory.encode()),
            "fanotify_mark",
        )

    def drain(self) -> None:
        """Take all events that have come."""
        while True:
            try:
                data = os.read(self.events, 1 << 16)
            except BlockingIOError:
                return
            while data:
                length, _, _, head, mask, _, _ = struct.unpack_from("=IBBHQii", data)
                self.take(mask, data[head:length])
                data = data[length:]

    def take(self, mask: int, info: bytes) -> None:
        """Take one event."""
        if mask & OVERFLOW:
            self.seen.add("overflow")
            return
        path = "gone/?"
        if len(info) >= 20 and info[0] == DIRECTORY_AND_NAME:
            (size,) = struct.unpack_from("=I", info, 12)
            name = info[20 + size :].split(b"\0")[0]
            path = os.path.normpath(
                os.path.join(self.directory(info[12 : 20 + size]), os.fsdecode(name))
            )
        for bit, what in EVENTS.items():
            if mask & bit:
                self.seen.add(f"{what} {path!a}")

    def directory(self, handle: bytes) -> str:
        """Return the path of a directory, of which the event has a handle."""
        descriptor = libc.open_by_handle_at(
            self.mount, ctypes.create_string_buffer(handle, len(handle)), O_PATH
        )
        if descriptor < 0:
            return "gone"
        try:
            path = os.readlink(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return "gone" if path.endswith(" (deleted)") else path


def main(directory: str, log: str) -> None:
    """Watch until the input ends."""
    watcher = Watcher(directory)
    print("watching", flush=True)
    is_over = False
    while not is_over:
        ready, _, _ = select.select([watcher.events, 0], [], [])
        is_over = 0 in ready and not os.read(0, 4096)
        watcher.drain()
    with open(log, "w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in sorted(watcher.seen))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
