"""The system calls that a machine may lack, and how seccomp(2) makes them fail for a process."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from dataclasses import dataclass

from harness.system_calls import call

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_ERRNO = 0x00050000
# Operations of the kernel's packet filter.
LOAD = 0x20
JUMP_IF_EQUAL = 0x15
JUMP_IF_ANY_BIT = 0x45
RETURN = 0x06
# Where struct seccomp_data has the call's first argument.
FIRST_ARGUMENT = 16
ANSWERS = {name: int(getattr(errno, name)) for name in ("ENOSYS", "EPERM", "EINVAL")}
# Call numbers differ below 424, where all processors began to share them.
MACHINES = {"x86_64": 0, "aarch64": 1}
MACHINE = MACHINES[os.uname().machine]


@dataclass(frozen=True)
class Rule:
    """A system call, or only those of its uses in which an argument has some bits or a value."""

    numbers: tuple[int, int]
    argument: int | None = None
    bits: int = 0
    value: int | None = None

    def instructions(self, code: int) -> list[bytes]:
        """Return the filter's instructions that make the call fail with this error."""
        number = self.numbers[MACHINE]
        answer = instruction(RETURN, SECCOMP_RET_ERRNO | code)
        if self.argument is None:
            return [instruction(LOAD, 0), instruction(JUMP_IF_EQUAL, number, 0, 1), answer]
        compare = (
            instruction(JUMP_IF_ANY_BIT, self.bits, 0, 1)
            if self.value is None
            else instruction(JUMP_IF_EQUAL, self.value, 0, 1)
        )
        return [
            instruction(LOAD, 0),
            instruction(JUMP_IF_EQUAL, number, 0, 3),
            instruction(LOAD, FIRST_ARGUMENT + 8 * self.argument),
            compare,
            answer,
        ]


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction of the kernel's packet filter."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def shared(number: int) -> Rule:
    """Return the rule of a call whose number is the same on all processors."""
    return Rule((number, number))


IOCTL = (16, 29)
# Calls that Linux 4.18 does not have, and calls that file systems, containers or units block.
CALLS: dict[str, list[Rule]] = {
    "openat2": [shared(437)],
    "clone3": [shared(435)],
    "close_range": [shared(436)],
    "faccessat2": [shared(439)],
    "fchmodat2": [shared(452)],
    "landlock_create_ruleset": [shared(444)],
    "landlock_add_rule": [shared(445)],
    "landlock_restrict_self": [shared(446)],
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
    "pidfd_open and pidfd_send_signal": [shared(434), shared(424)],
}
# These include calls that no command makes: from the first of Linux 5.1 to future ones.
CALLS["all calls after Linux 4.18"] = [shared(number) for number in range(424, 480)]
CALLS["all of these"] = CALLS["all calls after Linux 4.18"] + [
    rule
    for name, rules in CALLS.items()
    if name[:4] != "all "
    for rule in rules
    if rule.numbers[0] < 424
]


class Program(ctypes.Structure):
    """The C structure sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def block_calls(rules: list[Rule], code: int) -> None:
    """Make calls fail with this error in this process and in all that it starts."""
    parts = [part for rule in rules for part in rule.instructions(code)]
    text = b"".join([*parts, instruction(RETURN, SECCOMP_RET_ALLOW)])
    memory = ctypes.create_string_buffer(text)
    program = Program(len(text) // 8, ctypes.addressof(memory))
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
