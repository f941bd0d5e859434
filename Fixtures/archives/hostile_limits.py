"""Makes bombs: archives that are much smaller than what they are unpacked to."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct

from tarball import (
    Archives,
    directory,
    file,
    header,
    octets,
    pax,
    sparse_gnu,
    sparse_pax,
    sparse_table,
    symlink,
    tar,
)
from zipball import DEFLATED, Entry, raw_zip

MIB = 1 << 20
GIB = 1 << 30
FILTERS = (
    ("gz", lambda data: gzip.compress(data, 9, mtime=0)),
    ("bz2", bz2.compress),
    ("xz", lzma.compress),
)


def limits() -> Archives:
    """Yield all archives."""
    yield from bytes_and_entries()
    # Each filter packs zeros far better than the limit allows.
    zeros = bytes(24 * MIB)
    for suffix, pack in FILTERS:
        yield f"ratioTooHigh-content.tar.{suffix}", pack(tar(file("zeros", zeros)))
        yield f"ratioTooHigh-after-end.tar.{suffix}", pack(tar(file("a")) + zeros)
        yield (
            f"ratioTooHigh-members.tar.{suffix}",
            pack(tar(*[file(f"f{i}", zeros[:MIB]) for i in range(24)])),
        )
    yield "ratioTooHigh-zip.zip", raw_zip(Entry("zeros", zeros, method=DEFLATED))
    yield (
        "ratioTooHigh-zip-many.zip",
        raw_zip(*[Entry(f"f{i}", zeros[:MIB], method=DEFLATED) for i in range(24)]),
    )
    hole = 64 * MIB
    yield "ratioTooHigh-sparse-gnu.tar", tar(sparse_gnu("s", [0, 512], hole, b"A" * 512))
    yield "ratioTooHigh-sparse-0.1.tar", tar(sparse_pax("s", [0, 512], hole, b"A" * 512))
    yield "ratioTooHigh-sparse-1.0.tar", tar(sparse_table("s", [1, 0, 512], hole, b"A" * 512))
    yield (
        "ratioTooHigh-sparse-many.tar",
        tar(*[sparse_gnu(f"s{i}", [0, 512], MIB, b"A" * 512) for i in range(100)]),
    )
    # Half a minute of hashing holes, or half a day.
    yield (
        "tooMuchProcessorTime-sparse.tar",
        tar(sparse_table("s", [1, 0, 512], 1 << 40, b"A" * 512)),
        {"max-processor-time": "1s", "max-bytes": "2TiB", "max-ratio": 1_000_000_000},
    )


def bytes_and_entries() -> Archives:
    """Yield archives with too many bytes or entries."""
    yield "tooManyBytes-ustar.tar", tar(header("a", size=GIB + 1)), {"max-bytes": "1GiB"}
    yield "tooManyBytes-gnu.tar", tar(header("a", size_field=octets(9 * GIB), magic=b"ustar  \0"))
    yield "tooManyBytes-pax.tar", tar(pax([("size", 9 * GIB)]), header("a", size=0))
    yield (
        "tooManyBytes-sparse-gnu.tar",
        tar(sparse_gnu("s", [0, 512], 8 * GIB - 1, b"A" * 512)),
        {"max-bytes": "1GiB"},
    )
    yield "tooManyBytes-sparse-0.1.tar", tar(sparse_pax("s", [0, 512], 1 << 42, b"A" * 512))
    yield "tooManyBytes-sparse-1.0.tar", tar(sparse_table("s", [1, 0, 512], 1 << 42, b"A" * 512))
    wide = struct.pack("<HHQQ", 1, 16, 9 * GIB, 1)
    yield (
        "tooManyBytes-zip64.zip",
        raw_zip(Entry("a", extra=wide, size=0xFFFFFFFF, compressed=0xFFFFFFFF)),
    )
    yield "tooManyBytes-sum.tar", tar(file("a", b"12345678"), file("b", b"1")), {"max-bytes": 8}
    yield (
        "tooManyBytes-sum.zip",
        raw_zip(Entry("a", b"12345678"), Entry("b", b"1")),
        {"max-bytes": 8},
    )
    few = {"max-entries": 3}
    yield "tooManyEntries-files.tar", tar(*[file(f"f{i}") for i in range(4)]), few
    yield "tooManyEntries-implied.tar", tar(file("a/b/c/d")), few
    yield "tooManyEntries-links.tar", tar(*[symlink(f"l{i}", "x") for i in range(4)]), few
    yield "tooManyEntries-directories.tar", tar(*[directory(f"d{i}") for i in range(4)]), few
    yield (
        "tooManyEntries-pax.tar",
        tar(*[pax([("path", f"f{i}")]) + file("x") for i in range(4)]),
        few,
    )
    yield "tooManyEntries-zip.zip", raw_zip(*[Entry(f"f{i}") for i in range(4)]), few
    yield "tooManyEntries-zip-implied.zip", raw_zip(Entry("a/b/c/d")), few
