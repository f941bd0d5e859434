"""Makes unusual zip archives that are good, each with what it is unpacked to."""

from __future__ import annotations

import struct

from expected import CONTENT, NFD, expected_file
from tarball import TIME, Archives
from zipball import (
    DEFLATED,
    DOS,
    STORED,
    UNIX,
    Entry,
    make_zip,
    raw_zip,
    streamed_zip,
    unicode_path,
)


def zips() -> Archives:
    """Yield zip archives."""
    yield from unusual_zips()
    yield (
        "plain.zip",
        make_zip(
            [
                ("d/", "", 0o040755),
                ("d/a", "content\n", 0o100644),
                ("l", "d/a", 0o120777),
                (NFD, "content\n", 0o100755),
                ("empty", "", 0o100644),
            ]
        ),
        {
            "d": {"mode": 0o755},
            "d/a": CONTENT,
            "l": {"target": "d/a"},
            NFD: expected_file("content\n", 0o755),
            "empty": expected_file(""),
        },
    )
    yield "stored.zip", make_zip([("a", "content\n", 0o100644)], STORED), {"a": CONTENT}
    yield "streamed.zip", streamed_zip(), {"a": CONTENT}
    yield (
        "streamed-many.zip",
        streamed_zip([(f"d/{i}", "content\n") for i in range(20)]),
        {"d": {"mode": 0o755}, **{f"d/{i}": CONTENT for i in range(20)}},
    )
    large = bytes(range(256)) * 8192
    yield "large.zip", make_zip([("a", large, 0o100644)]), {"a": expected_file(large)}


def unusual_zips() -> Archives:
    """Yield zip archives with comments, times and archives in them."""
    yield (
        "comments.zip",
        raw_zip(
            Entry("a", "content\n", comment=b"one"), Entry("b", "content\n"), comment=b"PK all"
        ),
        {"a": CONTENT, "b": CONTENT},
    )
    stamp = struct.pack("<HHBi", 0x5455, 5, 1, TIME)
    yield (
        "timestamps.zip",
        raw_zip(Entry("a", "content\n", extra=stamp, method=DEFLATED), Entry("d/", "", 0o040750)),
        {"a": CONTENT, "d": {"mode": 0o750}},
    )
    yield (
        "empty-directories.zip",
        make_zip([("a/", "", 0o040755), ("b/c/", "", 0o040700)]),
        {"a": {"mode": 0o755}, "b": {"mode": 0o755}, "b/c": {"mode": 0o700}},
    )
    yield (
        "unicode.zip",
        make_zip([("\u65e5\u672c/caf\u00e9", "content\n", 0o100644)]),
        {"\u65e5\u672c": {"mode": 0o755}, "\u65e5\u672c/caf\u00e9": CONTENT},
    )
    yield "padded.zip", raw_zip(Entry("a", "content\n")) + bytes(4096), {"a": CONTENT}
    yield (
        "repeated-directories.zip",
        raw_zip(
            Entry("d/", "", 0o040700),
            Entry("d/a", "content\n"),
            Entry("d/", "", 0o040700),
            Entry("d//", "", 0o040700),
        ),
        {"d": {"mode": 0o700}, "d/a": CONTENT},
    )
    # .NET on Windows wrote them until version 4.6.
    yield (
        "backslashes.zip",
        raw_zip(
            Entry("d\\e\\a", "content\n", 0, system=DOS),
            Entry("f\\", "", 0, system=DOS),
            Entry("b", "content\n", 0, system=DOS),
        ),
        {
            "d": {"mode": 0o755},
            "d/e": {"mode": 0o755},
            "d/e/a": CONTENT,
            "f": {"mode": 0o755},
            "b": CONTENT,
        },
    )
    yield "unix-backslashes.zip", raw_zip(Entry("a\\b", "content\n")), {"a\\b": CONTENT}
    # zip writes both names in UTF-8, archivers on Windows write the other one in a code page.
    names = [("caf\u00e9".encode(), "caf\u00e9"), (b"\x81ber", "\u00fcber")]
    names.append(("\u65e5\u672c".encode("cp932"), "\u65e5\u672c"))
    yield (
        "unicode-path.zip",
        raw_zip(
            *[
                Entry(stored, "content\n", extra=unicode_path(stored, name), system=system)
                for (stored, name), system in zip(names, (UNIX, DOS, DOS))
            ]
        ),
        {name: CONTENT for _, name in names},
    )
    # This is made like 42.zip; an archive in an archive is a file.
    inner = make_zip([("zeros", bytes(1 << 22), 0o100644)])
    middle = make_zip([(f"{i}.zip", inner, 0o100644) for i in range(16)])
    yield (
        "nested.zip",
        make_zip([(f"{i}.zip", middle, 0o100644) for i in range(16)]),
        {f"{i}.zip": expected_file(middle) for i in range(16)},
    )
