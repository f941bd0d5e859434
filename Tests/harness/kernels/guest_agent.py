"""Runs the commands that the machine outside sends to the guest through a virtual serial port.

Each line is one JSON object: {"words": [...], "user": NAME or null, "timeout": SECONDS}. The answer
is one line as well: {"status", "output", "errors", "seconds"}. The program uses the standard
library alone, since it is copied to guests.
"""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import time
from typing import Any

PORT = "/dev/virtio-ports/agent"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The output of a command is cut after this number of bytes, since the port is slow.
LIMIT = 100_000
# The status of a command that took too long, as timeout(1) has it.
TIMED_OUT = 124


def identity(name: str | None) -> dict[str, Any]:
    """Return arguments that start a process as a user with all groups; None means root."""
    entry = pwd.getpwnam(name or "root")
    more: dict[str, Any] = {
        "env": {"PATH": PATH, "HOME": entry.pw_dir, "USER": entry.pw_name, "LANG": "C.UTF-8"},
        "cwd": "/",
    }
    if name:
        more["user"], more["group"] = entry.pw_uid, entry.pw_gid
        more["extra_groups"] = os.getgrouplist(name, entry.pw_gid)
    return more


def carry_out(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command, and return the answer."""
    start = time.monotonic()
    try:
        ended = subprocess.run(
            request["words"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=request["timeout"],
            **identity(request["user"]),
        )
        status, output, errors = ended.returncode, ended.stdout, ended.stderr
    except subprocess.TimeoutExpired as error:
        status, output, errors = TIMED_OUT, error.stdout or b"", error.stderr or b""
    except (OSError, KeyError) as error:
        status, output, errors = 127, b"", str(error).encode()
    return {
        "status": status,
        "output": output[-LIMIT:].decode(errors="replace"),
        "errors": errors[-LIMIT:].decode(errors="replace"),
        "seconds": time.monotonic() - start,
    }


def send(port: int, message: dict[str, Any]) -> None:
    """Send one line."""
    rest = json.dumps(message).encode() + b"\n"
    while rest:
        rest = rest[os.write(port, rest) :]


def main() -> None:
    """Send the boot ID, and then answer requests."""
    port = os.open(PORT, os.O_RDWR)
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        send(port, {"boot": file.read().strip()})
    unread = b""
    while True:
        got = os.read(port, 65536)
        if not got:
            # The other end is not connected yet.
            time.sleep(0.2)
            continue
        *lines, unread = (unread + got).split(b"\n")
        for line in lines:
            send(port, carry_out(json.loads(line)))


if __name__ == "__main__":
    main()
