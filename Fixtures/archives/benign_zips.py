"""Makes unusual zip archives that are good, each with what it is unpacked to."""

from __future__ import annotations

import struct

from expected import CONTENT, NFD, expected_file
from tarball import TIME, Archives
from zipball import DEFLATED, STORED, Entry, make_zip, raw_zip, streamed_zip


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
    # This is made like 42.zip; an archive in an archive is a file.
    inner = make_zip([("zeros", bytes(1 << 22), 0o100644)])
    middle = make_zip([(f"{i}.zip", inner, 0o100644) for i in range(16)])
    yield (
        "nested.zip",
        make_zip([(f"{i}.zip", middle, 0o100644) for i in range(16)]),
        {f"{i}.zip": expected_file(middle) for i in range(16)},
    )
