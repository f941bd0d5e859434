"""Writes compressed data frame by frame, without the programs that do it well."""

from __future__ import annotations

import struct
import zlib

BLOCK_LIMIT = 128 << 10


def skippable_frame(content: bytes, number: int = 0) -> bytes:
    """Return a frame without content, which zstd and lz4 skip (RFC 8878, 3.1.2)."""
    return struct.pack("<II", 0x184D2A50 + number, len(content)) + content


def zstd_frame(data: bytes, window: int = 20) -> bytes:
    """Return a zstd frame of stored blocks.

    window: the binary logarithm of the window size.
    """
    out = struct.pack("<IBB", 0xFD2FB528, 0, (window - 10) << 3)
    pieces = [data[at : at + BLOCK_LIMIT] for at in range(0, len(data), BLOCK_LIMIT)] or [b""]
    for at, piece in enumerate(pieces):
        is_last = at == len(pieces) - 1
        out += struct.pack("<I", len(piece) << 3 | is_last)[:3] + piece
    return out


def large_xz_dictionary(data: bytes) -> bytes:
    """Return xz data whose block header demands a dictionary of 3 GiB."""
    start = 12
    size = (data[start] + 1) * 4
    header = bytearray(data[start : start + size - 4])
    # The filter LZMA2 has one byte of properties.
    at = header.index(b"\x21\x01", 2) + 2
    header[at] = 39
    return data[:start] + header + struct.pack("<I", zlib.crc32(header)) + data[start + size :]
