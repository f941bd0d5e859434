"""Runs the commands that the host sends through a virtual serial port, inside the guest.

Each line is one JSON object: {"words": [...], "user": NAME or null, "timeout": SECONDS}. The answer
is one line as well: {"status", "output", "errors", "seconds"}.
"""

import json
import os
import pwd
import subprocess
import time

PORT = "/dev/virtio-ports/agent"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a command prints beyond this is cut: the port is slow.
LIMIT = 100_000
# As a shell reports a command that ran into its time limit, see timeout(1).
TIMED_OUT = 124


def identity(name):
    """Arguments that start a process as this user, with all their groups; None means root."""
    entry = pwd.getpwnam(name or "root")
    more = {"env": {"PATH": PATH, "HOME": entry.pw_dir, "USER": entry.pw_name, "LANG": "C.UTF-8"},
            "cwd": "/"}
    if name:
        more |= {"user": entry.pw_uid, "group": entry.pw_gid,
                 "extra_groups": os.getgrouplist(name, entry.pw_gid)}
    return more


def carry_out(request):
    start = time.monotonic()
    try:
        ended = subprocess.run(
            request["words"], stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=request["timeout"], **identity(request["user"]))
        status, output, errors = ended.returncode, ended.stdout, ended.stderr
    except subprocess.TimeoutExpired as error:
        status, output, errors = TIMED_OUT, error.stdout or b"", error.stderr or b""
    except (OSError, KeyError) as error:
        status, output, errors = 127, b"", str(error).encode()
    return {"status": status, "output": output[-LIMIT:].decode(errors="replace"),
            "errors": errors[-LIMIT:].decode(errors="replace"),
            "seconds": time.monotonic() - start}


def send(port, message):
    rest = json.dumps(message).encode() + b"\n"
    while rest:
        rest = rest[os.write(port, rest):]


def main():
    port = os.open(PORT, os.O_RDWR)
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        send(port, {"boot": file.read().strip()})
    unread = b""
    while True:
        got = os.read(port, 65536)
        if not got:
            # The host has not connected to its end yet.
            time.sleep(0.2)
            continue
        *lines, unread = (unread + got).split(b"\n")
        for line in lines:
            send(port, carry_out(json.loads(line)))


if __name__ == "__main__":
    main()
