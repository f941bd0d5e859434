"""Makes archives with forbidden names, in every header that can have a name."""

from __future__ import annotations

from tarball import (
    END,
    Archives,
    Name,
    directory,
    file,
    gnu_long,
    hardlink,
    header,
    pax,
    sparse_gnu,
    sparse_pax,
    sparse_table,
    symlink,
    tar,
)
from zipball import Entry, raw_zip

DATA = b"A" * 512


def spelled(name: Name) -> Archives:
    """Yield a file of this name in each format."""
    name = name if isinstance(name, bytes) else name.encode()
    fits = len(name) <= 100 and b"\0" not in name
    if fits:
        yield "ustar.tar", tar(file(name))
        yield "v7.tar", tar(file(name, magic=bytes(8)))
        yield "sparse-gnu.tar", tar(sparse_gnu(name, [512, 512], 1024, DATA))
    yield "pax.tar", tar(pax([("path", name)]), file("x"))
    yield "gnu.tar", tar(gnu_long("L", name), file("x", magic=b"ustar  \0"))
    yield "sparse-0.1.tar", tar(sparse_pax(name, [512, 512], 1024, DATA))
    yield "sparse-1.0.tar", tar(sparse_table(name, [1, 512, 512], 1024, DATA))
    yield "zip.zip", raw_zip(Entry(name))


BAD: list[tuple[str, str, Name]] = [
    ("absoluteName", "root", "/etc/passwd"),
    ("absoluteName", "slashes", "//x"),
    ("parentComponent", "start", "../evil"),
    ("parentComponent", "middle", "a/../../evil"),
    ("parentComponent", "alone", ".."),
    ("parentComponent", "slashes", "a//./..//evil"),
    ("emptyName", "none", ""),
    ("emptyName", "top", "./."),
    ("nulInName", "middle", b"a\0/../b"),
    ("nameNotUTF8", "latin", b"caf\xe9"),
    ("nameNotUTF8", "overlong", b"\xc0\xae\xc0\xae/evil"),
    ("nameNotUTF8", "surrogate", b"\xed\xa0\x80"),
    ("nameTooLong", "component", "a" * 256),
    ("nameTooLong", "path", "/".join(["a" * 200] * 21)),
    ("tooDeep", "slashes", "/".join("a" * 129)),
]


PLAIN = file("a.txt")


def names() -> Archives:
    """Yield all archives."""
    yield from no_names()
    yield from colliding_names()
    yield from duplicate_names()
    yield from names_through_files()
    yield from special_files()
    for rule, what, name in BAD:
        for suffix, data in spelled(name):
            # An empty name field means that there is no name; an empty long name is one.
            yield f"{rule}-{what}-{suffix}", data
    yield "absoluteName-prefix.tar", tar(file("passwd", prefix=b"/etc"))
    yield "absoluteName-directory.tar", tar(directory("/tmp/d"))
    yield "absoluteName-symlink.tar", tar(symlink("/tmp/l", "x"))
    yield "absoluteName-second.tar", tar(PLAIN, file("/etc/passwd"))
    yield "parentComponent-end.tar", tar(directory("a/.."))
    yield "parentComponent-prefix.tar", tar(file("evil", prefix=b"a/../.."))
    yield "parentComponent-symlink.tar", tar(symlink("../l", "x"))
    yield "parentComponent-hardlink.tar", tar(PLAIN, hardlink("../l", "a.txt"))
    yield "nulInName-gnu-end.tar", tar(gnu_long("L", b"a\0"), PLAIN)
    yield (
        "nameTooLong-prefix.tar",
        tar(file("f" * 100, prefix=b"d" * 155)),
        {"max-name-length": 255},
    )
    for what, archive in spelled("d/e/f"):
        yield f"tooDeep-limit-{what}", archive, {"max-depth": 2}
        yield f"nameTooLong-limit-{what}", archive, {"max-name-length": 4}


def special_files() -> Archives:
    """Yield archives with members that are no files, directories or links."""
    for kind, what in (
        ("3", "character"),
        ("4", "block"),
        ("6", "fifo"),
        ("V", "label"),
        ("M", "volume"),
        ("N", "old-long-name"),
        ("D", "dump-directory"),
        ("A", "solaris-acl"),
        ("E", "solaris-extended"),
        ("I", "inode"),
        ("Z", "unknown"),
    ):
        yield f"specialFile-{what}.tar", tar(header("x", kind))
    yield "specialFile-pax-fifo.tar", tar(pax([("path", "fifo")]), header("x", "6"))
    yield (
        "specialFile-gnu-device.tar",
        tar(gnu_long("L", "dev"), header("x", "3", magic=b"ustar  \0")),
    )


def names_through_files() -> Archives:
    """Yield archives whose names go through a file."""
    yield "throughFile-tar.tar", tar(file("a"), file("a/b"))
    yield "throughFile-deep.tar", tar(file("a/b"), directory("a/b/c/d"))
    yield "throughFile-hardlink.tar", tar(file("a"), hardlink("b", "a"), file("b/c"))
    yield "throughFile-pax.tar", tar(file("a"), pax([("path", "a/b")]), PLAIN)
    yield "throughFile-sparse.tar", tar(sparse_gnu("s", [512, 512], 1024, DATA), file("s/b"))


def duplicate_names() -> Archives:
    """Yield archives in which a name occurs twice."""
    yield "duplicateName-file.tar", tar(file("a"), file("a"))
    yield "duplicateName-spelling.tar", tar(file("d/a"), file("./d//a"))
    yield "duplicateName-directory-then-file.tar", tar(directory("d"), file("d"))
    yield "duplicateName-implied-then-file.tar", tar(file("d/f"), file("d"))
    yield "duplicateName-file-then-link.tar", tar(file("a"), symlink("a", "b"))
    yield "duplicateName-link-then-file.tar", tar(symlink("a", "b"), file("a"))
    yield (
        "duplicateName-link-then-hardlink.tar",
        tar(PLAIN, symlink("a", "b"), hardlink("a", "a.txt")),
    )
    yield "duplicateName-pax.tar", tar(file("a"), pax([("path", "./a")]), PLAIN)
    yield "duplicateName-gnu.tar", tar(file("a"), gnu_long("L", "a"), PLAIN)
    yield "duplicateName-sparse.tar", tar(file("a"), sparse_pax("a", [512, 512], 1024, DATA))
    # CPython's filters changed the mode of the link's target.
    yield "duplicateName-cve-2024-12718.tar", tar(symlink("a", "."), directory("a", 0o700))


def colliding_names() -> Archives:
    """Yield archives whose names are the same on some file systems."""
    yield "collision-case.tar", tar(symlink("LIB", "x"), file("lib/f"))
    yield (
        "collision-sharp-s-cve-2026-23950.tar",
        tar(symlink("stra\u00dfe", "x"), directory("STRASSE")),
    )
    yield "collision-ligature.tar", tar(symlink("\ufb01le", "x"), directory("FILE"))
    yield "collision-normalisation.tar", tar(symlink("caf\u00e9", "x"), directory("cafe\u0301"))
    yield "collision-file-directory.tar", tar(file("Lib"), file("lib/f"))
    yield "collision-pax.tar", tar(symlink("LIB", "x"), pax([("path", "lib/f")]), PLAIN)
    yield "collision-gnu.tar", tar(symlink("LIB", "x"), gnu_long("L", "lib/f"), PLAIN)


def no_names() -> Archives:
    """Yield archives of which no name is left."""
    yield "strippedAway-file.tar", tar(file("a")), {"strip-components": 1}
    yield "strippedAway-second.tar", tar(file("d/a"), file("b")), {"strip-components": 1}
    yield "strippedAway-symlink.tar", tar(symlink("l", "x")), {"strip-components": 1}
    yield "strippedAway-zip.zip", raw_zip(Entry("a")), {"strip-components": 1}
    yield "noMembers-tar.tar", END
    yield "noMembers-top.tar", tar(directory("./"))
    yield "noMembers-global.tar", tar(pax([("comment", "x")], "g"))
    yield "noMembers-stripped.tar", tar(directory("d")), {"strip-components": 1}
