"""Zips, well-formed ones and others."""

import io
import struct
import zipfile
import zlib

DATE = (2023, 11, 14, 22, 13, 20)
STORED, DEFLATED, AES = 0, 8, 99


def make_zip(members, method=zipfile.ZIP_DEFLATED):
    """members: (name, data, mode); mode with its file type bits."""
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
    """One member, every field of which can be set; `local` are those of its own header alone."""

    def __init__(self, name, data=b"x", mode=0o100644, local=None, gap=b"", **fields):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data = data if isinstance(data, bytes) else data.encode()
        self.fields = {"name": self.name, "flags": 0, "method": STORED, "extra": b"",
                       "crc": zlib.crc32(self.data), "compressed": len(self.data),
                       "size": len(self.data), "comment": b"", "mode": mode, **fields}
        if self.fields["method"] == DEFLATED:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            self.data = packer.compress(self.data) + packer.flush()
            self.fields["compressed"] = len(self.data)
        self.local = {**self.fields, **(local or {})}
        self.gap = gap

    def header(self):
        one = self.local
        return struct.pack(
            "<IHHHHHIIIHH", 0x04034B50, 20, one["flags"], one["method"], 0xB1AA, 0x576E,
            one["crc"], one["compressed"], one["size"], len(one["name"]), len(one["extra"])
        ) + one["name"] + one["extra"] + self.data + self.gap

    def record(self, offset):
        one = self.fields
        return struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 3 << 8 | 20, 20, one["flags"], one["method"], 0xB1AA,
            0x576E, one["crc"], one["compressed"], one["size"], len(one["name"]),
            len(one["extra"]), len(one["comment"]), 0, 0, one["mode"] << 16,
            one.get("offset", offset)) + one["name"] + one["extra"] + one["comment"]


def raw_zip(*entries, count=None, comment=b"", offset=None):
    content, records = b"", b""
    for entry in entries:
        records += entry.record(len(content))
        content += entry.header()
    count = len(entries) if count is None else count
    offset = len(content) if offset is None else offset
    return content + records + struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(records), offset, len(comment)) + comment


class Unseekable(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError("unseekable")

    def tell(self):
        raise OSError("unseekable")


def streamed_zip(members=(("a", "content\n"),)):
    """Sizes behind the content."""
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()
