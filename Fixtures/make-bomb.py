#!/usr/bin/env python3
"""Writes a packed archive of ten gibibytes of zeros to standard output.

    make-bomb.py KIND [GIBIBYTES]

KIND is gzip, zstd, xz, bzip2 or lz4 (a tar of one large file), the same with "-after" (a tar with
zeros after its end), or zip. Sixteen mebibytes are packed once and written many times.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "archives"))

from tarball import END, file, header, octets  # noqa: E402
from zipball import DEFLATED, Entry  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = bytes(16 << 20)


def pack(program: str, data: bytes) -> bytes:
    """Compress data with a program."""
    return subprocess.run([program, "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def tarred(program: str, size: int, is_after: bool) -> Iterator[bytes]:
    """Yield the pieces of a compressed tar."""
    start = file("a") + END if is_after else header("zeros", size_field=octets(size))
    yield pack(program, start)
    piece = pack(program, PIECE)
    for _ in range(size // len(PIECE)):
        yield piece


def zipped(size: int) -> Iterator[bytes]:
    """Yield the pieces of a zip; its checksum is wrong, which no reader gets to."""
    # Each piece of the stream ends at a byte.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    count = size // len(PIECE)
    packed = count * len(piece) + 2
    wide = struct.pack("<HHQQ", 1, 16, size, packed)
    entry = Entry("zeros", b"", method=DEFLATED, extra=wide, crc=0)
    entry.data = b""
    for fields in (entry.fields, entry.local):
        fields.update(size=0xFFFFFFFF, compressed=0xFFFFFFFF)
    head, record = entry.header(), entry.record(0)
    yield head
    for _ in range(count):
        yield piece
    yield b"\3\0" + record
    yield struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(record), len(head) + packed, 0)


def main(kind: str, size: int) -> None:
    """Write the archive."""
    program, _, after = kind.partition("-")
    pieces = zipped(size) if kind == "zip" else tarred(program, size, bool(after))
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has rejected the archive.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], int((sys.argv[2:] or ["10"])[0]) << 30)
