"""What a taken-over worker may try: each permitted call with arguments that reach further."""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.sandbox.injection import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGE = 3
HERE = -100
# Flags of open(2) on x86_64.
READ, WRITE, READ_WRITE, THREE = 0, 1, 2, 3
CREATE, EXCLUSIVE, TRUNCATE, APPEND, ASYNCHRONOUS = 0o100, 0o200, 0o1000, 0o2000, 0o20000
DIRECTORY, NO_FOLLOW, CLOSE_ON_EXEC, PATH_ONLY = 0o200000, 0o400000, 0o2000000, 0o10000000
UNNAMED = 0o20000000 | DIRECTORY
NEW_FILE = WRITE | CREATE | EXCLUSIVE | NO_FOLLOW | CLOSE_ON_EXEC
EXISTING_DIRECTORY = DIRECTORY | NO_FOLLOW | CLOSE_ON_EXEC
THREAD = 0x3D0F00

CALLS = {
    "mmap": 9, "mprotect": 10, "ioctl": 16, "getpid": 39, "sendmsg": 46, "clone": 56, "fork": 57,
    "execve": 59, "kill": 62, "fcntl": 72, "chdir": 80, "fchdir": 81, "fchmod": 91, "fchown": 93,
    "chroot": 161, "tkill": 200, "sched_setaffinity": 203, "sched_getaffinity": 204,
    "clock_gettime": 228, "clock_nanosleep": 230, "tgkill": 234, "openat": 257, "mkdirat": 258,
    "mknodat": 259, "newfstatat": 262, "unlinkat": 263, "linkat": 265, "symlinkat": 266,
    "readlinkat": 267, "fchmodat": 268, "faccessat": 269, "utimensat": 280, "fallocate": 285,
    "prlimit64": 302, "renameat2": 316, "pkey_mprotect": 329, "statx": 332,
    "pidfd_send_signal": 424, "pidfd_open": 434, "openat2": 437, "pidfd_getfd": 438,
    "fchmodat2": 452, "setxattrat": 463,
}  # fmt: skip

# These end, stop or confuse the process that makes them, or wait for a child. The kernel exempts
# the calls of its own probes from filters, and they fail anywhere else.
NOT_TRIED = {
    15: "rt_sigreturn", 60: "exit", 61: "wait4", 219: "restart_syscall", 231: "exit_group",
    335: "uretprobe", 336: "uprobe",
}  # fmt: skip
# The permitted calls that concern only memory, threads and open files of the process.
HARMLESS = {
    0: "read", 1: "write", 3: "close", 5: "fstat", 8: "lseek", 11: "munmap", 12: "brk",
    13: "rt_sigaction", 14: "rt_sigprocmask", 17: "pread64", 18: "pwrite64", 20: "writev",
    24: "sched_yield", 25: "mremap", 28: "madvise", 77: "ftruncate", 131: "sigaltstack",
    186: "gettid", 202: "futex", 273: "set_robust_list", 318: "getrandom", 334: "rseq",
}  # fmt: skip
LAST_CALL = 480
BETWEEN_DIRECTORIES = "a hard link between directories"
REFUSALS = {-errno.EPERM, -errno.EACCES, -errno.ENOSYS, -errno.EXDEV, -errno.ENOENT,
            -errno.ENOTDIR}  # fmt: skip


@dataclass(frozen=True)
class Outside:
    """What lies outside the stage: files and a process of the same user."""

    directory: Path
    process: int

    @property
    def file(self) -> Path:
        """Return a file that the owner may change."""
        return self.directory / "data"


@dataclass(frozen=True)
class Attempt:
    """A call that must be refused.

    makes_name: whether it only makes a new name, which takes a confinement of files to refuse.
    """

    what: str
    call: str
    arguments: tuple[int | Text, ...]
    makes_name: bool = False


def path(value: object) -> Text:
    """Return a path as an argument."""
    return Text(str(value).encode() + b"\0")


def opening(outside: Outside) -> Iterator[Attempt]:
    """Try to open what exists, or with other flags than those of an unpacker."""
    flags = {
        "read": READ, "write": WRITE, "read and write": READ_WRITE, "access mode 3": THREE,
        "access mode 3, truncate": THREE | TRUNCATE, "write, truncate": WRITE | TRUNCATE,
        "append": WRITE | APPEND, "path only": PATH_ONLY, "asynchronous": READ | ASYNCHRONOUS,
        "create": WRITE | CREATE | CLOSE_ON_EXEC, "create, truncate": WRITE | CREATE | TRUNCATE,
    }  # fmt: skip
    for name, value in flags.items():
        for where in (outside.file, f"../../../../../{outside.directory.name}/data", "f"):
            yield Attempt(f"openat {where} ({name})", "openat", (STAGE, path(where), value, 0o666))
        how = Text(struct.pack("<3Q", value, 0o666 if value & CREATE else 0, 0))
        yield Attempt(f"openat2 ({name})", "openat2", (HERE, path(outside.file), how, 24))
    yield Attempt("unnamed file", "openat", (STAGE, path("."), WRITE | UNNAMED, 0o666))
    yield Attempt("set-user-ID file", "openat", (STAGE, path("s"), NEW_FILE, 0o4755))
    yield Attempt("sticky file", "openat", (STAGE, path("s"), NEW_FILE, 0o1755))
    new = outside.directory / "new"
    yield Attempt("new file outside", "openat", (HERE, path(new), NEW_FILE, 0o600), True)
    parent = path(outside.directory)
    yield Attempt("directory outside", "openat", (HERE, parent, EXISTING_DIRECTORY, 0), True)
    above = path(f"../../../../../{outside.directory.name}")
    yield Attempt("directory above", "openat", (STAGE, above, EXISTING_DIRECTORY, 0), True)
    processes = f"/proc/{outside.process}"
    yield Attempt("its environment", "openat", (HERE, path(f"{processes}/environ"), READ, 0))
    yield Attempt("its files", "openat", (HERE, path(f"{processes}/cwd"), EXISTING_DIRECTORY, 0))


def naming(outside: Outside) -> Iterator[Attempt]:
    """Try to make, link, change or look at names outside."""
    new, old = path(outside.directory / "new2"), path(outside.file)
    times = Text(struct.pack("<4q", 1, 0, 1, 0))
    result = Text(bytes(256))
    yield Attempt("mkdirat outside", "mkdirat", (HERE, new, 0o700), True)
    yield Attempt("mkdirat set-group-ID", "mkdirat", (STAGE, path("g"), 0o2777))
    yield Attempt("symlinkat outside", "symlinkat", (path("/etc"), HERE, new), True)
    yield Attempt("link from outside", "linkat", (HERE, old, STAGE, path("h"), 0), True)
    yield Attempt("link through a link", "linkat", (HERE, old, STAGE, path("h2"), 0x400))
    yield Attempt("link an open file", "linkat", (0, path(""), STAGE, path("h3"), 0x1000))
    yield Attempt("link to outside", "linkat", (STAGE, path("f"), HERE, new, 0), True)
    yield Attempt("times by path", "utimensat", (HERE, old, times, 0))
    yield Attempt("times in the stage", "utimensat", (STAGE, path("f"), times, 0))
    yield Attempt("times of a link", "utimensat", (STAGE, path("f"), times, 0x100))
    yield Attempt("mode by path", "fchmodat", (HERE, old, 0o777))
    yield Attempt("mode by path, with flags", "fchmodat2", (HERE, old, 0o777, 0))
    yield Attempt("set-user-ID by descriptor", "fchmod", (STAGE, 0o4755))
    yield Attempt("owner by descriptor", "fchown", (STAGE, 1, 1))
    yield Attempt("status by path", "newfstatat", (HERE, old, result, 0))
    yield Attempt("status, empty path", "newfstatat", (HERE, old, result, 0x1000))
    yield Attempt("statx", "statx", (HERE, old, 0, 0xFFF, result))
    yield Attempt("access", "faccessat", (HERE, old, 4))
    where = path(f"/proc/{outside.process}/cwd")
    yield Attempt("readlinkat", "readlinkat", (HERE, where, result, 256))
    yield Attempt("unlinkat", "unlinkat", (HERE, old, 0))
    yield Attempt("renameat2", "renameat2", (HERE, old, HERE, new, 0))
    yield Attempt("mknodat", "mknodat", (STAGE, path("p"), 0o010644, 0))
    yield Attempt("attribute by path", "setxattrat", (HERE, old, 0, path("user.x"), result, 16))
    yield Attempt("chdir", "chdir", (path("/"),))
    yield Attempt("fchdir", "fchdir", (STAGE,))
    yield Attempt("chroot", "chroot", (path("/"),))


def processes(outside: Outside) -> Iterator[Attempt]:
    """Try to signal, limit or look at a process."""
    pid, buffer = outside.process, Text(bytes(128))
    limit = Text(struct.pack("<2Q", 0, 0))
    # The clock of the processor time of a process; see clock_getcpuclockid(3).
    clock = (~pid << 3) | 2
    yield Attempt("tgkill", "tgkill", (pid, pid, 18))
    yield Attempt("tgkill, no signal", "tgkill", (pid, pid, 0))
    yield Attempt("tkill", "tkill", (pid, 18))
    yield Attempt("kill", "kill", (-1, 0))
    yield Attempt("a limit of another", "prlimit64", (pid, 0, limit, 0))
    yield Attempt("the limits of another", "prlimit64", (pid, 0, 0, buffer))
    yield Attempt("a limit of its own", "prlimit64", (0, 0, limit, 0))
    yield Attempt("the processors of another", "sched_getaffinity", (pid, 128, buffer))
    yield Attempt("processors", "sched_setaffinity", (0, 128, buffer))
    yield Attempt("the clock of another", "clock_gettime", (clock, buffer))
    yield Attempt("sleep by its clock", "clock_nanosleep", (clock, 0, buffer, 0))
    yield Attempt("pidfd_open", "pidfd_open", (pid, 0))
    yield Attempt("pidfd_send_signal", "pidfd_send_signal", (0, 18, 0, 0))
    yield Attempt("pidfd_getfd", "pidfd_getfd", (0, 0, 0))
    yield Attempt("fork", "fork", ())
    for name, flags in {
        "a process": 17, "a thread with a tracer": THREAD | 0x2000, "a namespace": THREAD | 0x20000,
        "a thread without shared files": THREAD & ~0x400,
    }.items():  # fmt: skip
        yield Attempt(f"clone {name}", "clone", (flags, 0, 0, 0, 0))
    yield Attempt("execve", "execve", (path("/bin/true"), 0, 0))


def descriptors(outside: Outside) -> Iterator[Attempt]:
    """Try to send signals or change files through descriptors, and to run code of its own."""
    commands = {
        "F_SETFL O_ASYNC": (4, ASYNCHRONOUS), "F_SETOWN": (8, outside.process), "F_SETSIG": (10, 9),
        "F_SETOWN_EX": (15, 0), "F_SETLEASE": (1024, 0), "F_NOTIFY": (1026, 1),
        "F_SETPIPE_SZ": (1031, 4096), "F_ADD_SEALS": (1033, 1), "F_SETLK": (6, 0),
        "F_OFD_SETLK": (37, 0), "F_SET_RW_HINT": (1036, 0), "F_DUPFD": (0, 60),
    }  # fmt: skip
    for name, (command, value) in commands.items():
        yield Attempt(name, "fcntl", (0, command, value))
    requests = {
        "TIOCSTI": 0x5412, "FIOASYNC": 0x5452, "FIOSETOWN": 0x8901, "FICLONE": 0x40049409,
        "FICLONERANGE": 0x4020940D, "FS_IOC_SETFLAGS": 0x40086602, "FIONREAD": 0x541B,
    }  # fmt: skip
    for name, request in requests.items():
        yield Attempt(name, "ioctl", (STAGE, request, Text(bytes(64))))
    for name, rights in {"execute": 4, "all": 7}.items():
        yield Attempt(f"mmap {name}", "mmap", (0, 4096, rights, 0x22, -1, 0))
        yield Attempt(f"mprotect {name}", "mprotect", (0x10000, 4096, rights))
    yield Attempt("pkey_mprotect", "pkey_mprotect", (0x10000, 4096, 4, -1))
    yield Attempt("fallocate", "fallocate", (STAGE, 0, 0, 1 << 40))
    yield Attempt("sendmsg", "sendmsg", (1, Text(bytes(64)), 0))


def all_attempts(outside: Outside) -> list[Attempt]:
    """Return every attempt."""
    kinds = (opening, naming, processes, descriptors)
    return [attempt for kind in kinds for attempt in kind(outside)]


def controls() -> list[Attempt]:
    """Return the calls of an unpacker, which must work."""
    times = Text(struct.pack("<4q", 1, 0, 1, 0))
    return [
        Attempt("getpid", "getpid", ()),
        Attempt("a new file", "openat", (STAGE, path("f"), NEW_FILE, 0o644)),
        Attempt("a new directory", "mkdirat", (STAGE, path("d"), 0o755)),
        Attempt("open the directory", "openat", (STAGE, path("d"), EXISTING_DIRECTORY, 0)),
        Attempt("a symbolic link", "symlinkat", (path("f"), STAGE, path("l"))),
        Attempt("a hard link", "linkat", (STAGE, path("f"), STAGE, path("hl"), 0)),
        Attempt(BETWEEN_DIRECTORIES, "linkat", (STAGE, path("f"), STAGE, path("d/h"), 0)),
        Attempt("times", "utimensat", (STAGE, 0, times, 0)),
        Attempt("mode", "fchmod", (STAGE, 0o2755)),
        Attempt("memory", "mmap", (0, 4096, 3, 0x22, -1, 0)),
    ]
