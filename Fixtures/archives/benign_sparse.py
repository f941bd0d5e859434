"""Makes archives with sparse files, each with what it is unpacked to."""

from __future__ import annotations

from expected import expected_file
from tarball import Archives, file, pax, sparse_gnu, sparse_pax, sparse_table, tar


def sparse() -> Archives:
    """Yield archives with sparse files."""
    data = b"A" * 512 + b"B" * 512
    whole = bytes(512) + b"A" * 512 + bytes(4096) + b"B" * 512 + bytes(1000)
    # The last one is empty, so that GNU tar makes the hole at the end.
    numbers = [512, 512, 5120, 512, len(whole), 0]
    seen = {"s": expected_file(whole)}
    listed = [("GNU.sparse.size", len(whole)), ("GNU.sparse.numblocks", 3)]
    for offset, count in (numbers[:2], numbers[2:4], numbers[4:]):
        listed += [("GNU.sparse.offset", offset), ("GNU.sparse.numbytes", count)]
    yield (
        "sparse-0.0.tar",
        tar(pax(listed), file("s", data), file("after")),
        {**seen, "after": expected_file("content\n")},
    )
    yield "sparse-0.1.tar", tar(sparse_pax("s", numbers, len(whole), data)), seen
    yield "sparse-1.0.tar", tar(sparse_table("s", [3, *numbers], len(whole), data)), seen
    yield "sparse-gnu.tar", tar(sparse_gnu("s", numbers, len(whole), data)), seen
    yield (
        "sparse-all-hole.tar",
        tar(sparse_gnu("s", [8192, 0], 8192, b""), sparse_table("t", [1, 8192, 0], 8192, b"")),
        {"s": expected_file(bytes(8192)), "t": expected_file(bytes(8192))},
    )
    many = [number for at in range(200) for number in (8192 * at, 512)]
    many += [200 * 8192, 0]
    unpacked = b"".join(bytes([at]) * 512 + bytes(8192 - 512) for at in range(200))
    packed = b"".join(bytes([at]) * 512 for at in range(200))
    yield (
        "sparse-many.tar",
        tar(sparse_table("s", [201, *many], len(unpacked), packed)),
        {"s": expected_file(unpacked)},
    )
