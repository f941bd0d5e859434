"""Makes archives whose headers lie, contradict each other or are too large, or that go on."""

from __future__ import annotations

import gzip
import lzma

from compressed import large_xz_dictionary, skippable_frame, zstd_frame
from tarball import (
    END,
    Archives,
    directory,
    file,
    gnu_long,
    header,
    octets,
    padded,
    pax,
    pixz_index,
    replaced,
    sparse_gnu,
    sparse_pax,
    sparse_table,
    symlink,
    tar,
)

PLAIN = file("a.txt")


def headers() -> Archives:
    """Yield all archives."""
    yield from damaged()
    yield from trailing_data()
    yield from large_metadata()
    yield from ambiguous_headers()
    yield from global_headers()
    yield "sizeLies-directory.tar", tar(header("d", "5", size=512) + bytes(512))
    yield "sizeLies-slash.tar", tar(header("d/", size=512) + bytes(512))
    yield "sizeLies-hardlink.tar", tar(file("f"), header("a", "1", link="f", size=8) + bytes(512))
    yield "sizeLies-symlink.tar", tar(header("a", "2", link="f", size=8) + bytes(512))
    inner = file("hidden")
    yield (
        "sizeLies-cve-2025-62518.tar",
        tar(pax([("size", len(inner))]), header("outer", size=0), inner),
    )
    yield "sizeLies-pax-smaller.tar", tar(pax([("size", 0)]), file("outer", inner))
    yield "sizeLies-huge.tar", tar(header("a", size_field=b"\x80" + b"\0" * 3 + b"\x7f" * 8))
    yield "sizeLies-pax-huge.tar", tar(pax([("size", (1 << 63) - 1)]), header("a", size=0))
    yield (
        "sizeLies-sparse-0.1.tar",
        tar(pax([("GNU.sparse.size", 100), ("GNU.sparse.map", "0,5000")]), file("a")),
    )
    yield (
        "sizeLies-sparse-overlap.tar",
        tar(pax([("GNU.sparse.size", 100), ("GNU.sparse.map", "4,4,0,4")]), file("a", b"12345678")),
    )
    yield "sizeLies-sparse-gnu.tar", tar(sparse_gnu("s", [512, 512], 700, b"A" * 512))
    yield "sizeLies-sparse-1.0.tar", tar(sparse_table("s", [1, 512, 512], 700, b"A" * 512))


def global_headers() -> Archives:
    """Yield archives with global pax headers."""
    yield "globalHeader-path.tar", tar(pax([("path", "evil")], "g"), PLAIN)
    yield "globalHeader-size.tar", tar(pax([("size", "0")], "g"), PLAIN)
    yield "globalHeader-linkpath.tar", tar(pax([("linkpath", "../x")], "g"), PLAIN)
    yield (
        "globalHeader-sparse.tar",
        tar(pax([("GNU.sparse.name", "evil"), ("GNU.sparse.size", 9)], "g"), PLAIN),
    )
    yield "globalHeader-second.tar", tar(PLAIN, pax([("path", "evil")], "g"), file("b"))
    yield "globalHeader-at-end.tar", tar(PLAIN, pax([("path", "evil")], "g"))


def ambiguous_headers() -> Archives:
    """Yield archives whose headers contradict each other."""
    yield "ambiguousHeader-two-names.tar", tar(gnu_long("L", "one"), pax([("path", "two")]), PLAIN)
    yield "ambiguousHeader-path-twice.tar", tar(pax([("path", "one"), ("path", "two")]), PLAIN)
    yield "ambiguousHeader-size-twice.tar", tar(pax([("size", 8), ("size", 8)]), PLAIN)
    yield (
        "ambiguousHeader-linkpath-twice.tar",
        tar(pax([("linkpath", "b"), ("linkpath", "c")]), symlink("a", "b")),
    )
    yield "ambiguousHeader-two-pax.tar", tar(pax([("path", "one")]), pax([("path", "two")]), PLAIN)
    yield "ambiguousHeader-two-gnu.tar", tar(gnu_long("L", "one"), gnu_long("L", "two"), PLAIN)
    yield (
        "ambiguousHeader-two-targets.tar",
        tar(gnu_long("K", "b"), pax([("linkpath", "c")]), symlink("a", "b")),
    )
    yield "ambiguousHeader-target-of-file.tar", tar(gnu_long("K", "b"), PLAIN)
    yield (
        "ambiguousHeader-sparse-and-gnu.tar",
        tar(gnu_long("L", "one"), sparse_pax("two", [0, 8], 8, b"content\n")),
    )


def large_metadata() -> Archives:
    """Yield archives with too much metadata."""
    yield "metadataTooLarge-pax.tar", tar(pax([("comment", "x" * (1 << 20))]), PLAIN)
    yield "metadataTooLarge-global.tar", tar(pax([("comment", "x" * (1 << 20))], "g"), PLAIN)
    yield "metadataTooLarge-gnu.tar", tar(gnu_long("L", "x" * (1 << 20)), PLAIN)
    yield "metadataTooLarge-gnu-target.tar", tar(gnu_long("K", "x" * (1 << 20)), symlink("a", "b"))
    pieces = [number for at in range(600_000) for number in (20 * at, 1)]
    size, data = 20 * 600_000, b"x" * 600_000
    yield "metadataTooLarge-sparse-0.1.tar", tar(sparse_pax("s", pieces, size, data))
    yield "metadataTooLarge-sparse-1.0.tar", tar(sparse_table("s", [600000, *pieces], size, data))
    yield "metadataTooLarge-declared.tar", tar(header("p", "x", size=1 << 40))
    yield (
        "metadataTooLarge-limit.tar",
        tar(pax([("comment", "x" * 4096)]), PLAIN),
        {"max-metadata": 4096},
    )


def trailing_data() -> Archives:
    """Yield archives with data after their end."""
    yield "trailingData-after-end.tar", tar(PLAIN) + file("more")
    yield "trailingData-byte.tar", tar(PLAIN) + bytes(511) + b"x"
    yield "trailingData-far.tar", tar(PLAIN) + bytes(1 << 20) + b"x"
    yield "trailingData-lone-zero-block.tar", PLAIN + bytes(512) + file("more") + END
    yield "trailingData-second-archive.tar", tar(PLAIN) + tar(file("b"))
    index = pixz_index(("a.txt", 0))
    yield "trailingData-index-cut.tar", tar(PLAIN) + index[:-1]
    yield "trailingData-index-open.tar", tar(PLAIN) + index[:-9]
    yield "trailingData-after-index.tar", tar(PLAIN) + index + b"\0"
    yield "trailingData-index-unaligned.tar", tar(PLAIN) + bytes(8) + index
    yield "trailingData-index-name.tar", tar(PLAIN) + index[:8] + b"n" * 8192


def damaged() -> Archives:
    """Yield archives that are damaged."""
    yield "damaged-checksum.tar", tar(PLAIN, replaced(file("b.txt"), b"b.txt", b"c.txt"))
    yield "damaged-pax.tar", tar(header("p", "x", size=3) + padded(b"9 a"), PLAIN)
    for what, record in (
        ("length", b"-1 path=x\n"),
        ("short", b"3 a=b\n"),
        ("long", b"99 a=b\n"),
        ("no-key", b"5 =b\n"),
        ("zero", b"0 a=b\n"),
        ("wide", b"9" * 30 + b" a=b\n"),
    ):
        yield (
            f"damaged-pax-{what}.tar",
            tar(header("p", "x", size=len(record)) + padded(record), PLAIN),
        )
    # Readers recurse for each of them.
    yield "damaged-many-headers.tar", tar(header("g", "g") * 20_000, PLAIN)
    yield "damaged-pax-size.tar", tar(pax([("size", "-1")]), PLAIN)
    yield "damaged-pax-size-text.tar", tar(pax([("size", "8x")]), PLAIN)
    yield "damaged-negative-size.tar", tar(header("a", size_field=octets(-1)))
    yield "damaged-octal.tar", tar(header("a", size_field=b"0000000000z\0"))
    yield "damaged-zstd-window.tar.zst", zstd_frame(tar(PLAIN), window=28)
    yield "damaged-skippable-alone.tar.zst", skippable_frame(b"alone") * 2
    yield "damaged-skippable-cut.tar.zst", skippable_frame(bytes(100))[:-1]
    yield "damaged-skippable-header.tar.zst", skippable_frame(b"")[:6]
    yield "damaged-skippable-gzip.tar.gz", skippable_frame(b"") + gzip.compress(tar(PLAIN), mtime=0)
    yield "damaged-xz-dictionary.tar.xz", large_xz_dictionary(lzma.compress(tar(PLAIN)))
    yield "damaged-text.tar", b"this is no archive at all\n" * 100
    yield "damaged-empty.tar", b""
    yield "damaged-no-end-marker.tar", PLAIN
    yield "damaged-half-end-marker.tar", PLAIN + bytes(512)
    yield "damaged-zeros-for-end-marker.tar", file("zeros", bytes(4096))
    yield "damaged-pax-at-end.tar", tar(PLAIN, pax([("path", "b")]))
    yield "damaged-gnu-at-end.tar", tar(PLAIN, gnu_long("L", "b"))
    yield (
        "damaged-sparse-map.tar",
        tar(pax([("GNU.sparse.size", 100), ("GNU.sparse.map", "x,y")]), file("a")),
    )
    yield "damaged-sparse-table.tar", tar(sparse_table("s", ["x", 0, 512], 512, bytes(512)))
    yield "damaged-header-cut.tar", tar(PLAIN, directory("d"))[:-1025]
