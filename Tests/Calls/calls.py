"""The system calls that a host may lack, and how to block them for a process with seccomp(2)."""

from __future__ import annotations

import ctypes
import errno
import itertools
import os
import resource
import struct
from dataclasses import dataclass

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
FILTER_MODE = 2
ALLOW = 0x7FFF0000
FAIL = 0x00050000
LOAD = 0x20
EQUAL = 0x15
ANY_BIT = 0x45
RETURN = 0x06
FIRST_ARGUMENT = 16
ANSWERS = {name: getattr(errno, name) for name in ("ENOSYS", "EPERM", "EINVAL")}
# Numbers differ below 424, where all processors began to share them.
MACHINES = {"x86_64": 0, "aarch64": 1}
MACHINE = MACHINES[os.uname().machine]


@dataclass(frozen=True)
class Rule:
    """A call, all of it or with an argument that has one of some bits or a value."""

    numbers: tuple[int, int]
    argument: int | None = None
    bits: int = 0
    value: int | None = None

    def instructions(self, code: int) -> list[bytes]:
        """What answers it with this error."""
        number = self.numbers[MACHINE]
        answer = instruction(RETURN, FAIL | code)
        if self.argument is None:
            return [instruction(LOAD, 0), instruction(EQUAL, number, 0, 1), answer]
        compare = instruction(ANY_BIT, self.bits, 0, 1) if self.value is None \
            else instruction(EQUAL, self.value, 0, 1)
        return [instruction(LOAD, 0), instruction(EQUAL, number, 0, 3),
                instruction(LOAD, FIRST_ARGUMENT + 8 * self.argument), compare, answer]


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One of the kernel's packet filter."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def new(number: int) -> Rule:
    """A call from the numbers that all processors share."""
    return Rule((number, number))


IOCTL = (16, 29)
# Calls that Linux 4.18 lacks, and calls that file systems, containers and systemd units block.
CALLS: dict[str, list[Rule]] = {
    "openat2": [new(437)],
    "clone3": [new(435)],
    "close_range": [new(436)],
    "faccessat2": [new(439)],
    "fchmodat2": [new(452)],
    "landlock_create_ruleset": [new(444)],
    "landlock_add_rule": [new(445)],
    "landlock_restrict_self": [new(446)],
    "seccomp": [Rule((317, 277))],
    "capset": [Rule((126, 91))],
    "prctl(PR_SET_NO_NEW_PRIVS)": [Rule((157, 167), argument=0, value=PR_SET_NO_NEW_PRIVS)],
    "rseq": [Rule((334, 293))],
    "statx": [Rule((332, 291))],
    "name_to_handle_at": [Rule((303, 264))],
    "statx and name_to_handle_at": [Rule((332, 291)), Rule((303, 264))],
    "renameat2 with flags": [Rule((316, 276), argument=4, bits=0xFFFFFFFF)],
    "open with O_TMPFILE": [Rule((257, 56), argument=2, bits=0o20000000)],
    "memfd_create": [Rule((319, 279))],
    "fallocate": [Rule((285, 47))],
    "sync_file_range": [Rule((277, 84))],
    "copy_file_range": [Rule((326, 285))],
    "fadvise64": [Rule((221, 223))],
    "ioctl(FICLONE)": [Rule(IOCTL, argument=1, value=0x40049409)],
    "ioctl(FIDEDUPERANGE)": [Rule(IOCTL, argument=1, value=0xC0189436)],
    "ioctl(FS_IOC_FIEMAP)": [Rule(IOCTL, argument=1, value=0xC020660B)],
    "pidfd_open and pidfd_send_signal": [new(434), new(424)],
}
# Includes calls that no command makes: from the first of Linux 5.1 to some future ones.
CALLS["all calls after Linux 4.18"] = [new(number) for number in range(424, 480)]
CALLS["all of these"] = CALLS["all calls after Linux 4.18"] + [
    rule for name, rules in CALLS.items() if name[:4] != "all " for rule in rules
    if rule.numbers[0] < 424]


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


LIBC = ctypes.CDLL(None, use_errno=True)


def take_away(rules: list[Rule], code: int) -> None:
    """Makes those calls fail with that error in this process and all that it starts."""
    parts = [part for rule in rules for part in rule.instructions(code)]
    text = b"".join([*parts, instruction(RETURN, ALLOW)])
    memory = ctypes.create_string_buffer(text)
    program = Program(len(text) // 8, ctypes.addressof(memory))
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0)


def call(name: str, *words: object) -> None:
    if getattr(LIBC, name)(*words) != 0:
        raise OSError(ctypes.get_errno(), name)


NEW_MOUNTS = 0x20000
READ_ONLY, REMOUNT, BIND, PRIVATE = 1, 32, 4096, 0x44000
PROC = {"not mounted": (b"tmpfs", None), "subset=pid": (b"proc", b"subset=pid"),
        "hidepid=2": (b"proc", b"hidepid=2")}
# What else a small machine or a container may be like, beside the calls it answers.
LIMITS = [("open files", "16"), ("open files", "32")]
PLACES = [*(("/proc", how) for how in PROC), ("root directory", "read-only")]


def conditions() -> list[tuple[str, str]]:
    """What is lacking, and in which way; only root can take more than calls away."""
    return [*itertools.product(CALLS, ANSWERS), *LIMITS, *(PLACES if os.geteuid() == 0 else [])]


def lack(what: str, how: str) -> None:
    """From now on this process and all it starts have to do without."""
    if what in CALLS:
        take_away(CALLS[what], ANSWERS[how])
    elif what == "open files":
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(how), int(how)))
    else:
        call("unshare", NEW_MOUNTS)
        call("mount", b"none", b"/", None, PRIVATE, None)
        if what == "/proc":
            kind, options = PROC[how]
            call("mount", b"none", b"/proc", kind, 0, options)
        else:
            call("mount", b"none", b"/", None, REMOUNT | BIND | READ_ONLY, None)
