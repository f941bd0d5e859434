"""Writes zip archives, well-formed ones and others."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

DATE = (2023, 11, 14, 22, 13, 20)
STORED, DEFLATED, AES = 0, 8, 99
DOS, UNIX = 0, 3


def make_zip(
    members: Iterable[tuple[str, str | bytes, int]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return an archive of members, each with a name, data, and a mode with file type bits."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


class Entry:
    """One member, of which every field can be set."""

    def __init__(
        self,
        name: str | bytes,
        data: str | bytes = b"x",
        mode: int = 0o100644,
        local: dict[str, Any] | None = None,
        gap: bytes = b"",
        **fields: Any,
    ) -> None:
        """Set the fields.

        local: fields of the member's own header alone.
        gap: bytes after the member.
        """
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data = data if isinstance(data, bytes) else data.encode()
        self.fields: dict[str, Any] = {
            "name": self.name,
            "flags": 0,
            "method": STORED,
            "extra": b"",
            "crc": zlib.crc32(self.data),
            "compressed": len(self.data),
            "size": len(self.data),
            "comment": b"",
            "mode": mode,
            "system": UNIX,
            **fields,
        }
        if self.fields["method"] == DEFLATED:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            self.data = packer.compress(self.data) + packer.flush()
            self.fields["compressed"] = len(self.data)
        self.local: dict[str, Any] = {**self.fields, **(local or {})}
        self.gap = gap

    def header(self) -> bytes:
        """Return the member with its own header."""
        one = self.local
        packed: bytes = (
            struct.pack(
                "<IHHHHHIIIHH",
                0x04034B50,
                20,
                one["flags"],
                one["method"],
                0xB1AA,
                0x576E,
                one["crc"],
                one["compressed"],
                one["size"],
                len(one["name"]),
                len(one["extra"]),
            )
            + one["name"]
            + one["extra"]
            + self.data
            + self.gap
        )
        return packed

    def record(self, offset: int) -> bytes:
        """Return the member's record in the central directory."""
        one = self.fields
        packed: bytes = (
            struct.pack(
                "<IHHHHHHIIIHHHHHII",
                0x02014B50,
                one["system"] << 8 | 20,
                20,
                one["flags"],
                one["method"],
                0xB1AA,
                0x576E,
                one["crc"],
                one["compressed"],
                one["size"],
                len(one["name"]),
                len(one["extra"]),
                len(one["comment"]),
                0,
                0,
                one["mode"] << 16,
                one.get("offset", offset),
            )
            + one["name"]
            + one["extra"]
            + one["comment"]
        )
        return packed


def unicode_path(stored: bytes, name: str | bytes, version: int = 1) -> bytes:
    """Return the field with the name in UTF-8 of a member that has another name in its headers."""
    name = name if isinstance(name, bytes) else name.encode()
    content = struct.pack("<BI", version, zlib.crc32(stored)) + name
    return struct.pack("<HH", 0x7075, len(content)) + content


def raw_zip(
    *entries: Entry, count: int | None = None, comment: bytes = b"", offset: int | None = None
) -> bytes:
    """Return an archive; count and offset may be wrong."""
    content, records = b"", b""
    for entry in entries:
        records += entry.record(len(content))
        content += entry.header()
    count = len(entries) if count is None else count
    offset = len(content) if offset is None else offset
    return (
        content
        + records
        + struct.pack(
            "<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(records), offset, len(comment)
        )
        + comment
    )


class Unseekable(io.BytesIO):
    """An output that cannot seek, like a pipe."""

    def seekable(self) -> bool:
        """Return that it cannot seek."""
        return False

    def seek(self, *_: int) -> int:
        """Fail."""
        raise OSError("unseekable")

    def tell(self) -> int:
        """Fail."""
        raise OSError("unseekable")


def streamed_zip(members: Iterable[tuple[str, str]] = (("a", "content\n"),)) -> bytes:
    """Return an archive whose sizes come after the content."""
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()
