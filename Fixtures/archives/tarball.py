"""Writes tar members header by header, well-formed ones and others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Union

# A text, or bytes that are no text.
Name = Union[str, bytes]
# The name of an archive, its bytes, and what a test needs to know of it.
Archives = Iterator[tuple[Any, ...]]

TIME = 1700000000
BLOCK = 512


def header(
    name: Name,
    kind: str = "0",
    size: int = 0,
    link: Name = b"",
    mode: int = 0o644,
    mtime: int = TIME,
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    size_field: bytes | None = None,
    time_field: bytes | None = None,
    sparse: bytes | None = None,
) -> bytes:
    """Return the header of a member."""
    name = name if isinstance(name, bytes) else name.encode()
    link = link if isinstance(link, bytes) else link.encode()
    size_field = size_field or b"%011o\0" % size
    block = bytearray(BLOCK)
    block[0:100] = name[:100].ljust(100, b"\0")
    block[100:108] = b"%07o\0" % mode
    block[108:116] = b"0001750\0"
    block[116:124] = b"0001750\0"
    block[124:136] = size_field
    block[136:148] = time_field or b"%011o\0" % mtime
    block[148:156] = b" " * 8
    block[156:157] = kind.encode("latin-1")
    block[157:257] = link[:100].ljust(100, b"\0")
    block[257:265] = magic
    block[345:500] = prefix.ljust(155, b"\0")
    if sparse:
        block[345:500] = bytes(155)
        block[386 : 386 + len(sparse)] = sparse
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    """Fill the last block with zeros."""
    return data + bytes(-len(data) % BLOCK)


def file(name: Name, data: Name = b"content\n", **fields: Any) -> bytes:
    """Return a regular file; other fields are those of header()."""
    data = data if isinstance(data, bytes) else data.encode()
    return header(name, size=len(data), **fields) + padded(data)


def directory(name: Name, mode: int = 0o755, **fields: Any) -> bytes:
    """Return a directory; other fields are those of header()."""
    return header(name, "5", mode=mode, **fields)


def symlink(name: Name, target: Name) -> bytes:
    """Return a symlink."""
    return header(name, "2", link=target, mode=0o777)


def hardlink(name: Name, target: Name) -> bytes:
    """Return a hard link."""
    return header(name, "1", link=target)


def records(pairs: Iterable[tuple[str, object]]) -> bytes:
    """Return the records of a pax header."""
    out = b""
    for key, value in pairs:
        content = value if isinstance(value, bytes) else str(value).encode()
        body = b" " + key.encode() + b"=" + content + b"\n"
        length = len(body)
        while length != len(body) + len(str(length)):
            length = len(body) + len(str(length))
        out += str(length).encode() + body
    return out


def pax(pairs: Iterable[tuple[str, object]], kind: str = "x") -> bytes:
    """Return a pax header; the kind g is that of a global one."""
    data = records(pairs)
    return header("PaxHeaders/x", kind, size=len(data)) + padded(data)


def gnu_long(kind: str, text: Name) -> bytes:
    """Return GNU's header of a long name (L) or link target (K)."""
    data = text if isinstance(text, bytes) else text.encode()
    data += b"\0"
    return header("././@LongLink", kind, size=len(data), magic=b"ustar  \0") + padded(data)


END = bytes(2 * BLOCK)


def tar(*members: bytes) -> bytes:
    """Return a whole archive."""
    return b"".join(members) + END


def pixz_index(*members: tuple[str, int]) -> bytes:
    """Return the index that pixz appends to a tar: names and offsets, the last without a name."""
    out = (0xDBAE14D62E324CA6).to_bytes(8, "little")
    for name, offset in (*members, ("", 1024)):
        out += name.encode() + b"\0" + offset.to_bytes(8, "little")
    return out


def replaced(data: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    """Replace bytes, without a change of the size."""
    assert old in data and len(old) == len(new)
    return data.replace(old, new, count)


def sparse_pax(name: Name, numbers: list[int], size: int, data: bytes, **fields: Any) -> bytes:
    """Return a file of GNU's sparse format 0.1, whose pax header has the map and the name."""
    return pax(
        [
            ("GNU.sparse.size", size),
            ("GNU.sparse.numblocks", len(numbers) // 2),
            ("GNU.sparse.name", name),
            ("GNU.sparse.map", ",".join(map(str, numbers))),
        ]
    ) + file("GNUSparseFile.0/x", data, **fields)


def sparse_table(name: Name, lines: list[Any], size: int, data: bytes) -> bytes:
    """Return a file of GNU's sparse format 1.0, which has the map before the content."""
    table = padded("".join(f"{line}\n" for line in lines).encode())
    return pax(
        [
            ("GNU.sparse.major", 1),
            ("GNU.sparse.minor", 0),
            ("GNU.sparse.name", name),
            ("GNU.sparse.realsize", size),
        ]
    ) + file("GNUSparseFile.0/x", table + data)


def sparse_gnu(name: Name, numbers: list[int], size: int, data: bytes) -> bytes:
    """Return a file of GNU's old sparse format (S), whose header has the map."""
    fields = b"".join(b"%011o\0" % n for n in numbers).ljust(96, b"\0")
    return header(
        name, "S", size=len(data), magic=b"ustar  \0", sparse=fields + b"\0" + b"%011o\0" % size
    ) + padded(data)


def octets(number: int) -> bytes:
    """Return a number in GNU's base 256, for sizes and times that an octal field cannot have."""
    return (1 << 95 | number & (1 << 95) - 1).to_bytes(12, "big")
