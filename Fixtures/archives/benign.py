"""Makes unusual archives that are good, each with what it is unpacked to."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

from tarball import (
    TIME,
    Archives,
    Name,
    directory,
    file,
    gnu_long,
    hardlink,
    header,
    octets,
    pax,
    sparse_gnu,
    sparse_pax,
    sparse_table,
    symlink,
    tar,
)
from zipball import DEFLATED, STORED, Entry, make_zip, raw_zip, streamed_zip


def expected_file(data: Name, mode: int = 0o644, mtime: int = TIME) -> dict[str, Any]:
    """Return the facts of a regular file."""
    data = data if isinstance(data, bytes) else data.encode()
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "mode": mode,
        "mtime": mtime,
    }


def benign() -> Archives:
    """Yield all archives."""
    content = expected_file("content\n")
    yield (
        "plain.tar",
        tar(
            directory("./"),
            directory("./d", 0o750),
            file("./d/a"),
            file("d/run", mode=0o755),
            symlink("l", "d/a"),
            symlink("d/up", "../l"),
            symlink("dangling", "nowhere/at/all"),
            symlink("here", "."),
            hardlink("h", "d/a"),
            hardlink("d/h2", "h"),
        ),
        {
            "d": {"mode": 0o750},
            "d/a": content,
            "d/run": expected_file("content\n", 0o755),
            "l": {"target": "d/a"},
            "d/up": {"target": "../l"},
            "dangling": {"target": "nowhere/at/all"},
            "here": {"target": "."},
            "h": content,
            "d/h2": content,
        },
    )
    yield "one.tar", tar(file("a")), {"a": content}
    yield "padded.tar", tar(file("a")) + bytes(10240), {"a": content}
    yield (
        "missing-parents.tar",
        tar(file("a/b//c/./f")),
        {
            "a": {"mode": 0o755},
            "a/b": {"mode": 0o755},
            "a/b/c": {"mode": 0o755},
            "a/b/c/f": content,
        },
    )
    yield (
        "modes.tar",
        tar(
            file("world", mode=0o666),
            file("none", mode=0),
            directory("d", 0o1777),
            file("setuid", mode=0o4755),
            file("later/f"),
            directory("later", 0o700),
        ),
        {
            "world": content,
            "none": expected_file("content\n", 0o400),
            "d": {"mode": 0o755},
            "setuid": expected_file("content\n", 0o755),
            "later": {"mode": 0o700},
            "later/f": content,
        },
    )
    long = "/".join(["n" * 100] * 5)
    names = {long.rsplit("/", i)[0]: {"mode": 0o755} for i in range(1, 5)}
    names[long] = content
    yield "long-pax.tar", tar(pax([("path", long), ("mtime", "1700000000.25")]), file("x")), names
    yield "long-gnu.tar", tar(gnu_long("L", long), file("x", magic=b"ustar  \0")), names
    yield (
        "long-link.tar",
        tar(
            gnu_long("K", "t" * 200),
            symlink("a", "x"),
            pax([("linkpath", "u" * 200)]),
            symlink("b", "x"),
        ),
        {"a": {"target": "t" * 200}, "b": {"target": "u" * 200}},
    )
    yield (
        "prefix.tar",
        tar(file("f", prefix=b"p/q")),
        {"p": {"mode": 0o755}, "p/q": {"mode": 0o755}, "p/q/f": content},
    )
    nfc, nfd = "caf\u00e9", "cafe\u0301"
    yield (
        "unicode.tar",
        tar(pax([("path", f"{nfd}/f")]), file("x"), file(f"{nfc}/f"), file("\u65e5\u672c")),
        {
            nfc: {"mode": 0o755},
            nfd: {"mode": 0o755},
            f"{nfc}/f": content,
            f"{nfd}/f": content,
            "\u65e5\u672c": content,
        },
    )
    yield (
        "case.tar",
        tar(file("Makefile"), file("makefile")),
        {"Makefile": content, "makefile": content},
    )
    yield "git.tar", tar(pax([("comment", "0" * 40)], "g"), file("a")), {"a": content}
    yield (
        "v7.tar",
        tar(header("d/", "\0", mode=0o755, magic=bytes(8)), file("d/f", magic=bytes(8))),
        {"d": {"mode": 0o755}, "d/f": content},
    )
    yield from tars(content)
    yield from sparse()
    yield from zips(content, nfd)


def tars(content: dict[str, Any]) -> Archives:
    """Yield tar archives."""
    empty = tar(directory("a"), directory("b/c/"), directory("a/d", 0o700))
    yield (
        "empty-directories.tar",
        empty,
        {
            "a": {"mode": 0o755},
            "a/d": {"mode": 0o700},
            "b": {"mode": 0o755},
            "b/c": {"mode": 0o755},
        },
    )
    yield (
        "zero-length.tar",
        tar(file("a", b""), file("d/b", b"")),
        {"a": expected_file(""), "d": {"mode": 0o755}, "d/b": expected_file("")},
    )
    yield (
        "before-1970.tar",
        tar(
            file("gnu", time_field=octets(-86_400), magic=b"ustar  \0"),
            directory("d", time_field=octets(-1), magic=b"ustar  \0"),
            pax([("mtime", "-86400")]),
            file("pax"),
            pax([("mtime", "0")]),
            file("zero"),
        ),
        {
            "gnu": expected_file("content\n", mtime=-86_400),
            "d": {"mode": 0o755},
            "pax": expected_file("content\n", mtime=-86_400),
            "zero": expected_file("content\n", mtime=0),
        },
    )
    yield (
        "after-2038.tar",
        tar(
            file("gnu", time_field=octets(1 << 32), magic=b"ustar  \0"),
            file("octal", mtime=0o77777777777),
        ),
        {
            "gnu": expected_file("content\n", mtime=1 << 32),
            "octal": expected_file("content\n", mtime=0o77777777777),
        },
    )
    harmless = [
        ("comment", "x"),
        ("uid", 0),
        ("gid", 0),
        ("uname", "root"),
        ("gname", "root"),
        ("atime", "1.5"),
        ("ctime", "2.5"),
        ("LIBARCHIVE.creationtime", "3"),
        ("SCHILY.dev", "9"),
        ("SCHILY.ino", "9"),
        ("SCHILY.nlink", "1"),
        ("hdrcharset", "ISO-IR 10646 2000 UTF-8"),
        ("VENDOR.key", "a=b=c\n"),
    ]
    yield (
        "harmless-pax.tar",
        tar(pax(harmless), file("a"), pax([]), file("b")),
        {"a": content, "b": content},
    )
    yield (
        "harmless-global.tar",
        tar(
            pax([("comment", "x"), ("VENDOR.key", "y")], "g"),
            file("a"),
            pax([("comment", "z")], "g"),
            pax([("path", "b")]),
            file("x"),
            pax([], "g"),
        ),
        {"a": content, "b": content},
    )
    yield (
        "relative-links.tar",
        tar(
            symlink("a/b/up", "../../c"),
            symlink("a/b/over", "../x/../b/up"),
            file("c"),
            symlink("a/top", ".."),
            symlink("same", "./a//b/./up"),
            symlink("later", "z/f"),
            file("z/f"),
        ),
        {
            "a": {"mode": 0o755},
            "a/b": {"mode": 0o755},
            "a/b/up": {"target": "../../c"},
            "a/b/over": {"target": "../x/../b/up"},
            "c": content,
            "a/top": {"target": ".."},
            "same": {"target": "./a//b/./up"},
            "later": {"target": "z/f"},
            "z": {"mode": 0o755},
            "z/f": content,
        },
    )
    yield (
        "hard-links.tar",
        tar(
            file("d/a"),
            hardlink("b", "./d//a"),
            hardlink("d/c", "b"),
            gnu_long("K", "d/a"),
            hardlink("e", "x"),
            pax([("linkpath", "d/a")]),
            hardlink("f", "x"),
        ),
        {
            "d": {"mode": 0o755},
            "d/a": content,
            "b": content,
            "d/c": content,
            "e": content,
            "f": content,
        },
    )
    odd = ["a\\..\\b", "...", "..a", "a..", " ", "-rf", "*", "$(x)", "a\nb", "C:x", "\u202e"]
    yield "odd-names.tar", tar(*[file(name) for name in odd]), dict.fromkeys(odd, content)
    most = "m" * 255
    yield (
        "longest-name.tar",
        tar(pax([("path", most)]), file("x"), gnu_long("L", "g" + most[1:]), file("x")),
        {most: content, "g" + most[1:]: content},
    )
    deep = "/".join(["d"] * 127)
    names = {deep[: 2 * at + 1]: {"mode": 0o755} for at in range(127)}
    yield (
        "deepest.tar",
        tar(pax([("path", f"{deep}/f")]), file("x")),
        {**names, f"{deep}/f": content},
    )
    yield (
        "prefix-full.tar",
        tar(file("f" * 100, prefix=b"p" * 155)),
        {"p" * 155: {"mode": 0o755}, "p" * 155 + "/" + "f" * 100: content},
    )
    yield (
        "contiguous.tar",
        tar(header("a", "7", size=8) + file("", b"content\n")[512:]),
        {"a": content},
    )
    yield "many-zeros-after.tar", tar(file("a")) + bytes(1 << 20), {"a": content}
    yield "padding-of-garbage.tar", tar(file("a")[:520] + b"?" * 504), {"a": content}


def zips(content: dict[str, Any], nfd: str) -> Archives:
    """Yield zip archives."""
    yield (
        "plain.zip",
        make_zip(
            [
                ("d/", "", 0o040755),
                ("d/a", "content\n", 0o100644),
                ("l", "d/a", 0o120777),
                (nfd, "content\n", 0o100755),
                ("empty", "", 0o100644),
            ]
        ),
        {
            "d": {"mode": 0o755},
            "d/a": content,
            "l": {"target": "d/a"},
            nfd: expected_file("content\n", 0o755),
            "empty": expected_file(""),
        },
    )
    yield "stored.zip", make_zip([("a", "content\n", 0o100644)], STORED), {"a": content}
    yield "streamed.zip", streamed_zip(), {"a": content}
    yield (
        "streamed-many.zip",
        streamed_zip([(f"d/{i}", "content\n") for i in range(20)]),
        {"d": {"mode": 0o755}, **{f"d/{i}": content for i in range(20)}},
    )
    large = bytes(range(256)) * 8192
    yield "large.zip", make_zip([("a", large, 0o100644)]), {"a": expected_file(large)}
    yield (
        "comments.zip",
        raw_zip(
            Entry("a", "content\n", comment=b"one"), Entry("b", "content\n"), comment=b"PK all"
        ),
        {"a": content, "b": content},
    )
    stamp = struct.pack("<HHBi", 0x5455, 5, 1, TIME)
    yield (
        "timestamps.zip",
        raw_zip(Entry("a", "content\n", extra=stamp, method=DEFLATED), Entry("d/", "", 0o040750)),
        {"a": content, "d": {"mode": 0o750}},
    )
    yield (
        "empty-directories.zip",
        make_zip([("a/", "", 0o040755), ("b/c/", "", 0o040700)]),
        {"a": {"mode": 0o755}, "b": {"mode": 0o755}, "b/c": {"mode": 0o700}},
    )
    yield (
        "unicode.zip",
        make_zip([("\u65e5\u672c/caf\u00e9", "content\n", 0o100644)]),
        {"\u65e5\u672c": {"mode": 0o755}, "\u65e5\u672c/caf\u00e9": content},
    )
    # This is made like 42.zip; an archive in an archive is a file.
    inner = make_zip([("zeros", bytes(1 << 22), 0o100644)])
    middle = make_zip([(f"{i}.zip", inner, 0o100644) for i in range(16)])
    yield (
        "nested.zip",
        make_zip([(f"{i}.zip", middle, 0o100644) for i in range(16)]),
        {f"{i}.zip": expected_file(middle) for i in range(16)},
    )


def sparse() -> Archives:
    """Yield archives with sparse files."""
    data = b"A" * 512 + b"B" * 512
    whole = bytes(512) + b"A" * 512 + bytes(4096) + b"B" * 512 + bytes(1000)
    # The last one, which is empty, tells GNU tar of the hole at the end.
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
    content = b"".join(bytes([at]) * 512 + bytes(8192 - 512) for at in range(200))
    packed = b"".join(bytes([at]) * 512 for at in range(200))
    yield (
        "sparse-many.tar",
        tar(sparse_table("s", [201, *many], len(content), packed)),
        {"s": expected_file(content)},
    )
