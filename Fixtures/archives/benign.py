"""Makes unusual archives that are good, each with what it is unpacked to."""

from __future__ import annotations

from benign_sparse import sparse
from benign_zips import zips
from compressed import skippable_frame, zstd_frame
from expected import CONTENT, NFC, NFD, expected_file
from tarball import (
    Archives,
    directory,
    file,
    gnu_long,
    hardlink,
    header,
    octets,
    pax,
    pixz_index,
    symlink,
    tar,
)


def benign() -> Archives:
    """Yield all archives."""
    yield from unusual_names()
    yield from links()
    yield from harmless_headers()
    yield from unusual_times()
    yield from special_names()
    yield from long_names()
    yield from plain_modes()
    yield from plain_trees()


def plain_trees() -> Archives:
    """Yield archives with ordinary trees."""
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
            "d/a": CONTENT,
            "d/run": expected_file("content\n", 0o755),
            "l": {"target": "d/a"},
            "d/up": {"target": "../l"},
            "dangling": {"target": "nowhere/at/all"},
            "here": {"target": "."},
            "h": CONTENT,
            "d/h2": CONTENT,
        },
    )
    yield "one.tar", tar(file("a")), {"a": CONTENT}
    yield "padded.tar", tar(file("a")) + bytes(10240), {"a": CONTENT}


def plain_modes() -> Archives:
    """Yield archives with modes, and without entries for their directories."""
    yield (
        "missing-parents.tar",
        tar(file("a/b//c/./f")),
        {
            "a": {"mode": 0o755},
            "a/b": {"mode": 0o755},
            "a/b/c": {"mode": 0o755},
            "a/b/c/f": CONTENT,
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
            "world": CONTENT,
            "none": expected_file("content\n", 0o400),
            "d": {"mode": 0o755},
            "setuid": expected_file("content\n", 0o755),
            "later": {"mode": 0o700},
            "later/f": CONTENT,
        },
    )


def long_names() -> Archives:
    """Yield archives with long names and targets."""
    long = "/".join(["n" * 100] * 5)
    names = {long.rsplit("/", i)[0]: {"mode": 0o755} for i in range(1, 5)}
    names[long] = CONTENT
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
        {"p": {"mode": 0o755}, "p/q": {"mode": 0o755}, "p/q/f": CONTENT},
    )


def special_names() -> Archives:
    """Yield archives with names that differ in case or normalisation, and old headers."""
    yield (
        "unicode.tar",
        tar(pax([("path", f"{NFD}/f")]), file("x"), file(f"{NFC}/f"), file("\u65e5\u672c")),
        {
            NFC: {"mode": 0o755},
            NFD: {"mode": 0o755},
            f"{NFC}/f": CONTENT,
            f"{NFD}/f": CONTENT,
            "\u65e5\u672c": CONTENT,
        },
    )
    yield (
        "case.tar",
        tar(file("Makefile"), file("makefile")),
        {"Makefile": CONTENT, "makefile": CONTENT},
    )
    yield "git.tar", tar(pax([("comment", "0" * 40)], "g"), file("a")), {"a": CONTENT}
    yield (
        "v7.tar",
        tar(header("d/", "\0", mode=0o755, magic=bytes(8)), file("d/f", magic=bytes(8))),
        {"d": {"mode": 0o755}, "d/f": CONTENT},
    )
    yield from tars()
    yield from sparse()
    yield from zips()


def tars() -> Archives:
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


def unusual_times() -> Archives:
    """Yield archives with times that are long ago or far ahead."""
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


def harmless_headers() -> Archives:
    """Yield archives with pax headers that may be ignored."""
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
        {"a": CONTENT, "b": CONTENT},
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
        {"a": CONTENT, "b": CONTENT},
    )


def links() -> Archives:
    """Yield archives with symlinks and hard links."""
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
            "c": CONTENT,
            "a/top": {"target": ".."},
            "same": {"target": "./a//b/./up"},
            "later": {"target": "z/f"},
            "z": {"mode": 0o755},
            "z/f": CONTENT,
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
            "d/a": CONTENT,
            "b": CONTENT,
            "d/c": CONTENT,
            "e": CONTENT,
            "f": CONTENT,
        },
    )


def unusual_names() -> Archives:
    """Yield archives with unusual, long and deep names."""
    odd = ["a\\..\\b", "...", "..a", "a..", " ", "-rf", "*", "$(x)", "a\nb", "C:x", "\u202e"]
    yield "odd-names.tar", tar(*[file(name) for name in odd]), dict.fromkeys(odd, CONTENT)
    most = "m" * 255
    yield (
        "longest-name.tar",
        tar(pax([("path", most)]), file("x"), gnu_long("L", "g" + most[1:]), file("x")),
        {most: CONTENT, "g" + most[1:]: CONTENT},
    )
    deep = "/".join(["d"] * 127)
    names = {deep[: 2 * at + 1]: {"mode": 0o755} for at in range(127)}
    yield (
        "deepest.tar",
        tar(pax([("path", f"{deep}/f")]), file("x")),
        {**names, f"{deep}/f": CONTENT},
    )
    yield (
        "prefix-full.tar",
        tar(file("f" * 100, prefix=b"p" * 155)),
        {"p" * 155: {"mode": 0o755}, "p" * 155 + "/" + "f" * 100: CONTENT},
    )
    yield (
        "contiguous.tar",
        tar(header("a", "7", size=8) + file("", b"content\n")[512:]),
        {"a": CONTENT},
    )
    yield (
        "repeated-directories.tar",
        tar(
            directory("./"),
            directory("d"),
            file("d/a"),
            directory("d/", 0o700),
            directory("."),
            file("d/b"),
            directory("e/f"),
            directory("e/f"),
        ),
        {
            "d": {"mode": 0o700},
            "d/a": CONTENT,
            "d/b": CONTENT,
            "e": {"mode": 0o755},
            "e/f": {"mode": 0o755},
        },
    )
    two = tar(file("a"), file("b"))
    yield (
        "index-behind.tar",
        two + bytes(10240 - len(two)) + pixz_index(("a", 0), ("b", 1024)),
        {"a": CONTENT, "b": CONTENT},
    )
    parts = [two[:700], two[700:]]
    yield (
        "skippable.tar.zst",
        b"".join(skippable_frame(bytes(300 << at), at) + zstd_frame(parts[at]) for at in (0, 1))
        + skippable_frame(b"", 15),
        {"a": CONTENT, "b": CONTENT},
    )
    yield "widest-window.tar.zst", zstd_frame(two, 27), {"a": CONTENT, "b": CONTENT}
    yield "many-zeros-after.tar", tar(file("a")) + bytes(1 << 20), {"a": CONTENT}
    yield "padding-of-garbage.tar", tar(file("a")[:520] + b"?" * 504), {"a": CONTENT}
