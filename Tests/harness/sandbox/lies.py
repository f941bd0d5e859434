"""What a taken-over worker may report to its parent, or write into its stage without a report."""

from __future__ import annotations

import struct
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise
from harness.sandbox.attempts import CALLS, NEW_FILE, STAGE, path
from harness.sandbox.injection import Died, Injection, Text
from harness.sandbox.workers import BEGINNING, HOSTS, PATIENCE, waiting_command

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store import Store

LARGEST = 2**63 - 1
WRITE = 1
OUTPUT = 1
# The tags of the messages.
SANDBOXED, DIRECTORY, FILE, SYMBOLIC_LINK, HARD_LINK, FINISHED, PROGRESS = 1, 2, 3, 4, 5, 6, 8


def number(value: int) -> bytes:
    """Encode a number as the worker does."""
    return struct.pack("<q", value)


def text(value: str) -> bytes:
    """Encode a text as the worker does."""
    return number(len(value.encode())) + value.encode()


def message(tag: int, *fields: bytes) -> bytes:
    """Encode a message as the worker does."""
    body = number(tag) + b"".join(fields)
    return number(len(body)) + body


def entry(tag: int, name: str, *rest: bytes, mode: int = 0o644) -> bytes:
    """Encode the message about a file, a directory or a link."""
    return message(tag, text(name), number(mode), number(0), number(0), *rest)


def file(name: str, size: int = 0, mode: int = 0o644) -> bytes:
    """Encode the message about a file, with a digest of zeros."""
    return entry(FILE, name, number(size), bytes(32), mode=mode)


@dataclass(frozen=True)
class Lie:
    """Something that a worker does before it continues as if nothing had happened.

    report: bytes for the parent.
    calls: system calls in the stage.
    """

    what: str
    report: bytes = b""
    calls: tuple[tuple[str, tuple[int | Text, ...]], ...] = ()


LIES = [
    Lie("a file that is not reported", calls=(("openat", (STAGE, path("x"), NEW_FILE, 0o777)),)),
    Lie("a directory that is not reported", calls=(("mkdirat", (STAGE, path("x"), 0o777)),)),
    Lie("a link that is not reported", calls=(("symlinkat", (path("/etc"), STAGE, path("x"))),)),
    Lie(
        "an empty file that is reported as a link",
        entry(SYMBOLIC_LINK, "x", text("VERSION"), mode=0o777),
        (("openat", (STAGE, path("x"), NEW_FILE, 0o644)),),
    ),
    Lie(
        "a link that is reported as a file",
        file("x"),
        (("symlinkat", (path("VERSION"), STAGE, path("x"))),),
    ),
    Lie(
        "a link that is reported as a directory",
        entry(DIRECTORY, "x", mode=0o755) + file("x/y"),
        (("symlinkat", (path("/etc"), STAGE, path("x"))),),
    ),
    Lie(
        "another target",
        entry(SYMBOLIC_LINK, "x", text("VERSION"), mode=0o777),
        (("symlinkat", (path("/etc"), STAGE, path("x"))),),
    ),
    Lie("another mode", file("x"), (("openat", (STAGE, path("x"), NEW_FILE, 0o666)),)),
    Lie(
        "another size", file("x", 5), (("openat", (STAGE, path("x"), NEW_FILE, 0o644)),)
    ),
    Lie(
        "a second name",
        file("x"),
        (
            ("openat", (STAGE, path("x"), NEW_FILE, 0o644)),
            ("linkat", (STAGE, path("x"), STAGE, path("y"), 0)),
        ),
    ),
    Lie("a file that does not exist", file("x")),
    Lie("a hard link that does not exist", message(HARD_LINK, text("x"), text("VERSION"))),
    Lie("a hard link to nothing", message(HARD_LINK, text("x"), text("none"))),
    Lie(
        "a loop",
        message(HARD_LINK, text("x"), text("y")) + message(HARD_LINK, text("y"), text("x")),
    ),
    Lie("a path twice", file("x") + file("x")),
    Lie("sizes that overflow", file("x", LARGEST) + file("y", LARGEST)),
    Lie("a negative size", file("x", -1)),
    Lie("a set-user-ID bit", file("x", mode=0o4755)),
    Lie("a path above", file("../x")),
    Lie("an absolute path", file("/x")),
    Lie("an empty path", file("")),
    Lie("a file as a directory", file("x") + file("x/y")),
    Lie("progress that overflows", message(PROGRESS, number(LARGEST))),
    Lie("negative progress", message(PROGRESS, number(-(2**63)))),
    Lie("another sandbox", message(SANDBOXED, number(0), number(0), number(0))),
    Lie("an early end", message(FINISHED, number(0))),
    Lie("an unknown message", message(99)),
    Lie("a negative length", number(-1)),
    Lie("a long message", number(LARGEST)),
    Lie("a long text", message(HARD_LINK, number(LARGEST), b"x")),
    Lie("many texts", message(FINISHED, number(LARGEST))),
    Lie("noise", bytes(range(256)) * 64),
]  # fmt: skip


def archive_in(directory: Path) -> bytes:
    """Make an archive with one file."""
    made, content = directory / "release.tar.gz", directory / "VERSION"
    content.write_text("1", encoding="utf-8")
    with tarfile.open(made, "w:gz") as archive:
        archive.add(content, "VERSION")
    return made.read_bytes()


def unpack_with(store: Store, archive: bytes, lie: Lie | None) -> None:
    """Let a worker lie while it unpacks; without a lie, nothing but the tracing is different."""
    with waiting_command(store, HOSTS[0], 0) as (process, workers):
        # The parent may end the worker at once.
        with (
            suppress(Died, ProcessLookupError),
            Injection(workers[-1], keeps_running=True) as worker,
        ):
            for name, arguments in lie.calls if lie else ():
                if worker.call(CALLS[name], arguments) < 0:
                    raise BrokenPromise(f"{lie and lie.what}: a worker can't make {name}")
            if lie and lie.report:
                worker.call(WRITE, (OUTPUT, Text(lie.report), len(lie.report)))
        _, errors = process.communicate(archive[len(BEGINNING) :], timeout=PATIENCE)
    published = [found.name for found in (store.path / "releases").iterdir()]
    ended = f"status {process.returncode}, published {published}, {errors.decode()!r}"
    if lie is None:
        if process.returncode != 0 or not published:
            raise BrokenPromise(f"a worker that does not lie: {ended}")
    elif process.returncode != 1 or published or "the unpack worker" not in errors.decode():
        raise BrokenPromise(f"{lie.what}: {ended}")


def try_lies(store: Store, directory: Path) -> int:
    """Let real workers lie, and return how many did."""
    archive = archive_in(directory)
    for lie in LIES:
        unpack_with(store, archive, lie)
    unpack_with(store, archive, None)
    return len(LIES)
