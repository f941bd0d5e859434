"""Makes hostile archives that are possible only as zip."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from zipball import AES, DEFLATED, DOS, STORED, Entry, make_zip, raw_zip, unicode_path

if TYPE_CHECKING:
    from tarball import Archives

UTF8 = 1 << 11


def zips() -> Archives:
    """Yield all archives."""
    yield from damaged()
    yield from ambiguous()
    yield from encrypted()
    for kind, what in (
        (0o140644, "socket"),
        (0o010644, "fifo"),
        (0o020644, "character"),
        (0o060644, "block"),
    ):
        yield f"specialFile-zip-{what}.zip", raw_zip(Entry("s", "", kind))
    yield "nameNotUTF8-zip-flag.zip", raw_zip(Entry(b"caf\xe9", flags=UTF8))
    yield "linkTarget-zip-crc.zip", raw_zip(Entry("a", "file", 0o120777, crc=1))
    yield "throughFile-zip.zip", raw_zip(Entry("a"), Entry("a/b"))
    yield "duplicateName-zip.zip", raw_zip(Entry("a"), Entry("a", "y"))
    for rule, name in (
        ("parentComponent", "..\\evil"),
        ("absoluteName", "\\evil"),
        ("parentComponent", "d\\..\\..\\evil"),
    ):
        yield f"{rule}-zip-backslash-{len(name)}.zip", raw_zip(Entry(name, mode=0, system=DOS))
    yield "ambiguousHeader-zip-backslash-end.zip", raw_zip(Entry("d\\", "x"))
    yield "duplicateName-zip-link.zip", raw_zip(Entry("a", "b", 0o120777), Entry("a"))
    yield "collision-zip.zip", raw_zip(Entry("LIB", "x", 0o120777), Entry("lib/f"))
    yield "noMembers-zip.zip", make_zip([])
    yield "trailingData-zip.zip", raw_zip(Entry("a")) + b"x"
    yield "trailingData-zip-after-zeros.zip", raw_zip(Entry("a")) + bytes(511) + b"x"
    yield "trailingData-zip-comment.zip", raw_zip(Entry("a"), comment=b"fine") + b"x"


def encrypted() -> Archives:
    """Yield archives that are encrypted, or whose sizes are wrong."""
    yield "encrypted-zip.zip", raw_zip(Entry("a", b"k" * 13, flags=1, size=1))
    yield "encrypted-zip-strong.zip", raw_zip(Entry("a", b"k" * 13, flags=0x41))
    yield (
        "encrypted-zip-aes.zip",
        raw_zip(
            Entry(
                "a",
                b"k" * 21,
                flags=1,
                method=AES,
                extra=struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, STORED),
            )
        ),
    )

    yield "sizeLies-zip-more.zip", raw_zip(Entry("a", "aaaa", method=DEFLATED, size=3))
    yield "sizeLies-zip-fewer.zip", raw_zip(Entry("a", "aaaa", method=DEFLATED, size=5))
    yield "sizeLies-zip-directory.zip", raw_zip(Entry("d/", "data", 0o040755))


def ambiguous() -> Archives:
    """Yield archives whose headers contradict each other or are too large."""
    for field, value in (
        ("name", b"b"),
        ("flags", 2),
        ("method", 8),
        ("crc", 1),
        ("size", 9),
        ("compressed", 0),
    ):
        yield f"ambiguousHeader-zip-{field}.zip", raw_zip(Entry("a", "aaaa", local={field: value}))
    yield (
        "ambiguousHeader-zip-unicode-path.zip",
        raw_zip(Entry("a", extra=unicode_path(b"a", "../evil"))),
    )
    yield (
        "ambiguousHeader-zip-unicode-path-inside.zip",
        raw_zip(Entry("a", local={"extra": unicode_path(b"a", "b")})),
    )
    odd = b"caf\x82"
    for what, field_bytes in (
        ("checksum", unicode_path(b"b", "a")),
        ("version", unicode_path(b"a", "a", 2)),
        ("twice", unicode_path(b"a", "a") * 2),
        ("empty", struct.pack("<HH", 0x7075, 0)),
    ):
        yield f"ambiguousHeader-zip-unicode-path-{what}.zip", raw_zip(Entry("a", extra=field_bytes))
    for what, spoken in (("longer", "caf\u00e9s"), ("slash", "caf/"), ("ascii", "cafe")):
        yield (
            f"ambiguousHeader-zip-unicode-path-{what}.zip",
            raw_zip(Entry(odd, extra=unicode_path(odd, spoken))),
        )
    yield (
        "ambiguousHeader-zip-unicode-path-other.zip",
        raw_zip(
            Entry(
                odd,
                extra=unicode_path(odd, "caf\u00e9"),
                local={"extra": unicode_path(odd, "caf\u00e8")},
            )
        ),
    )
    yield (
        "ambiguousHeader-zip-overlap.zip",
        raw_zip(Entry("a", "aaaa"), Entry("b", "bbbb", offset=0)),
    )
    yield "ambiguousHeader-zip-gap.zip", raw_zip(Entry("a", gap=Entry("h").header()), Entry("b"))
    yield "ambiguousHeader-zip-gap-at-end.zip", raw_zip(Entry("a", gap=Entry("h").header()))
    yield "ambiguousHeader-zip-prepended.zip", prepended()
    yield "ambiguousHeader-zip-inside.zip", quoted()
    yield (
        "ambiguousHeader-zip-descriptor.zip",
        raw_zip(Entry("a", "aaaa", flags=8, gap=struct.pack("<IIII", 0x08074B50, 1, 4, 4))),
    )
    yield (
        "metadataTooLarge-zip-extra.zip",
        raw_zip(Entry("a", extra=struct.pack("<HH", 0xCAFE, 8192) + bytes(8192))),
        {"max-metadata": 4096},
    )
    yield (
        "metadataTooLarge-zip-comment.zip",
        raw_zip(Entry("a", comment=b"c" * 8192)),
        {"max-metadata": 4096},
    )


def prepended() -> bytes:
    """Return an archive after other bytes."""
    """A member that only the local headers know, before the other."""
    hidden = Entry("h").header()
    one = raw_zip(Entry("a", offset=len(hidden)))
    start = one.index(b"PK\5\6")
    return (
        hidden
        + one[: start + 16]
        + struct.pack("<I", len(hidden) + one.index(b"PK\1\2"))
        + one[start + 20 :]
    )


def quoted() -> bytes:
    """Return an archive in an archive."""
    """The directory points at a header inside of another member's content."""
    inner = Entry("hidden").header()
    return raw_zip(Entry("a", inner), Entry("hidden", offset=31))


def damaged() -> Archives:
    """Yield archives that are damaged."""
    good = raw_zip(Entry("a", "aaaa"))
    yield "damaged-zip-crc.zip", raw_zip(Entry("a", "aaaa", crc=1))
    yield "damaged-zip-crc-deflated.zip", raw_zip(Entry("a", "aaaa", method=DEFLATED, crc=1))
    yield "damaged-zip-method.zip", raw_zip(Entry("a", method=77))
    yield "damaged-zip-count.zip", raw_zip(Entry("a"), count=2)
    yield "damaged-zip-offset.zip", raw_zip(Entry("a"), offset=1)
    yield "damaged-zip-split.zip", good.replace(b"PK\5\6\0\0", b"PK\5\6\1\0")
    yield "damaged-zip-no-end.zip", good[:-22]
    yield (
        "damaged-zip-deflate.zip",
        raw_zip(Entry("a", b"\xff" * 8, local={"method": DEFLATED})).replace(
            b"PK\1\2\x14\3\x14\0\0\0\0\0", b"PK\1\2\x14\3\x14\0\0\0\x08\0"
        ),
    )
    yield "damaged-zip-comment.zip", raw_zip(Entry("a"), comment=b"cut off")[:-1]
    yield "damaged-zip-zip64.zip", good[:-12] + b"\xff" * 8 + b"\0\0" + b"\0\0"
