"""Makes system calls in another process, as an attacker in it would; see ptrace(2)."""

from __future__ import annotations

import ctypes
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.assertions import SetupFailed
from harness.system_calls import LIBC

if TYPE_CHECKING:
    from types import TracebackType

ATTACH, DETACH, STEP, GET_REGISTERS, SET_REGISTERS = 16, 17, 9, 12, 13
WAIT_FOR_ANY = 0x40000000
SIGTRAP, SIGKILL = 5, 9
SYSCALL_INSTRUCTION = b"\x0f\x05"
# Below the stack pointer of the process, which waits in a call and uses nothing there.
SCRATCH_DISTANCE = 32768
# The fields of `struct user_regs_struct` of x86_64.
REGISTERS = (
    "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss"
    " fs_base gs_base ds es fs gs"
)

LIBC.ptrace.restype = ctypes.c_long
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def is_possible() -> bool:
    """Return whether the registers of this machine are known here."""
    return platform.machine() == "x86_64"


class Registers(ctypes.Structure):
    """`struct user_regs_struct` of x86_64."""

    _fields_ = tuple((name, ctypes.c_ulonglong) for name in REGISTERS.split())


class Vector(ctypes.Structure):
    """`struct iovec`."""

    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


@dataclass(frozen=True)
class Text:
    """An argument that points to these bytes in the other process."""

    content: bytes


class Died(Exception):
    """The process ended in the call."""


class Injection:
    """A process that is stopped in a system call, and makes others until the end of the block.

    It is killed at the end, or continues with the call in which it waited.
    """

    def __init__(self, pid: int, *, keeps_running: bool = False) -> None:
        """Prepare for a process that waits in a system call."""
        self.pid = pid
        self.keeps_running = keeps_running
        self.saved = Registers()

    def __enter__(self) -> Injection:
        """Stop the process."""
        self.request(ATTACH)
        os.waitpid(self.pid, WAIT_FOR_ANY)
        self.request(GET_REGISTERS, self.saved)
        if self.read(self.saved.rip - 2, 2) != SYSCALL_INSTRUCTION:
            raise SetupFailed(f"process {self.pid} does not wait in a system call")
        self.scratch = (self.saved.rsp - SCRATCH_DISTANCE) & ~0xF
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """End the process, or let it continue."""
        if self.keeps_running and kind is None:
            # Another process may have killed it.
            with suppress(ProcessLookupError):
                self.let_continue()
                return
        # A parent can't collect its child before the tracer has done it.
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, SIGKILL)
            os.waitpid(self.pid, WAIT_FOR_ANY)

    def let_continue(self) -> None:
        """Let the kernel make the call again in which the process waited."""
        self.saved.rip -= 2
        self.saved.rax = self.saved.orig_rax
        self.saved.orig_rax = 2**64 - 1
        self.request(SET_REGISTERS, self.saved)
        self.request(DETACH)

    def call(self, number: int, arguments: tuple[int | Text, ...]) -> int:
        """Make a call, and return its result: a negative error number when it failed."""
        values = [0] * 6
        offset = self.scratch
        for index, argument in enumerate(arguments):
            if isinstance(argument, Text):
                self.write(offset, argument.content)
                values[index] = offset
                offset += (len(argument.content) + 31) & ~0xF
            else:
                values[index] = argument & (2**64 - 1)
        registers = Registers.from_buffer_copy(self.saved)
        registers.rip -= 2
        registers.rax, registers.orig_rax = number, 2**64 - 1
        registers.rdi, registers.rsi, registers.rdx, registers.r10 = values[:4]
        registers.r8, registers.r9 = values[4:]
        self.request(SET_REGISTERS, registers)
        while True:
            self.request(STEP)
            _, status = os.waitpid(self.pid, WAIT_FOR_ANY)
            if not os.WIFSTOPPED(status):
                raise Died(f"status {status:#x}")
            if os.WSTOPSIG(status) == SIGTRAP:
                break
        self.request(GET_REGISTERS, registers)
        return ctypes.c_long(registers.rax).value

    def request(self, what: int, data: ctypes.Structure | None = None) -> None:
        """Call ptrace(2)."""
        pointer = ctypes.byref(data) if data is not None else None
        if LIBC.ptrace(what, self.pid, None, pointer) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"ptrace {what}: {os.strerror(number)}")

    def read(self, address: int, size: int) -> bytes:
        """Return memory of the process."""
        buffer = ctypes.create_string_buffer(size)
        self.copy("process_vm_readv", ctypes.addressof(buffer), address, size)
        return buffer.raw

    def write(self, address: int, content: bytes) -> None:
        """Change memory of the process."""
        buffer = ctypes.create_string_buffer(content, len(content))
        self.copy("process_vm_writev", ctypes.addressof(buffer), address, len(content))

    def copy(self, name: str, here: int, there: int, size: int) -> None:
        """Call process_vm_readv(2) or process_vm_writev(2)."""
        local, remote = Vector(here, size), Vector(there, size)
        copy = getattr(LIBC, name)
        if copy(self.pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) != size:
            raise OSError(ctypes.get_errno(), name)
