"""Makes archives whose links point outside, in circles or nowhere, or are used as directories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarball import (
    Archives,
    Name,
    directory,
    file,
    gnu_long,
    hardlink,
    pax,
    sparse_gnu,
    symlink,
    tar,
)
from zipball import Entry, raw_zip

if TYPE_CHECKING:
    from collections.abc import Sequence


def pointed(target: Name, after: Sequence[bytes] = ()) -> Archives:
    """Yield a symlink to a target in each format."""
    target = target if isinstance(target, bytes) else target.encode()
    if len(target) <= 100 and b"\0" not in target:
        yield "ustar.tar", tar(symlink("d/a", target), *after)
    yield "pax.tar", tar(pax([("linkpath", target)]), symlink("d/a", "fine"), *after)
    yield "gnu.tar", tar(gnu_long("K", target), symlink("d/a", "fine"), *after)
    yield "zip.zip", raw_zip(Entry("d/a", target, 0o120777))


BAD: list[tuple[str, str, Name]] = [
    ("linkEscapes", "absolute", "/etc/passwd"),
    ("linkEscapes", "relative", "../../evil"),
    ("linkEscapes", "through-missing", "x/../../../evil"),
    ("linkEscapes", "far", "../" * 30),
    ("linkLoop", "itself", "a"),
    ("linkTarget", "empty", ""),
    ("linkTarget", "nul", b"a\0b"),
    ("linkTarget", "latin", b"caf\xe9"),
    ("linkTarget", "long", "t" * 4096),
]


def links() -> Archives:
    """Yield all archives."""
    yield from hard_links()
    yield from names_through_links()
    for rule, what, target in BAD:
        for suffix, data in pointed(target):
            yield f"{rule}-{what}-{suffix}", data
    yield (
        "linkEscapes-chain.tar",
        tar(
            directory("d"), directory("d/e"), symlink("top", "d/e"), symlink("out", "top/../../..")
        ),
    )
    yield (
        "linkEscapes-chain-made-later.tar",
        tar(symlink("out", "l/.."), symlink("l", "d/e/../.."), directory("d"), directory("d/e")),
    )
    yield (
        "linkEscapes-chain-zip.zip",
        raw_zip(
            Entry("d/e/f"), Entry("top", "d/e", 0o120777), Entry("out", "top/../../..", 0o120777)
        ),
    )
    yield (
        "linkEscapes-cve-2025-4517.tar",
        tar(
            directory("d" * 60),
            symlink("a", "d" * 60),
            symlink("b", "a/../a/.."),
            symlink("c", "b/../evil"),
        ),
    )
    # Fine where it stands; a hard link to it one directory up would lead out.
    yield (
        "hardLinkTarget-cve-2025-4330.tar",
        tar(symlink("d/l", "../x"), hardlink("l", "d/l"), file("l/f")),
    )
    yield "linkLoop-two.tar", tar(symlink("a", "b"), symlink("b", "a"))
    yield "linkLoop-long.tar", tar(*[symlink(f"l{i}", f"l{i + 1}") for i in range(50)])
    yield "linkLoop-zip.zip", raw_zip(Entry("a", "b", 0o120777), Entry("b", "a", 0o120777))


def names_through_links() -> Archives:
    """Yield archives whose names go through a symlink."""
    yield "throughLink-inside.tar", tar(directory("d"), symlink("l", "d"), file("l/f"))
    yield "throughLink-outside.tar", tar(symlink("l", "d/.."), file("l/f"))
    yield "throughLink-escaping.tar", tar(symlink("l", ".."), file("l/f"))
    yield "throughLink-directory.tar", tar(symlink("l", "d"), directory("l/e"))
    yield "throughLink-symlink.tar", tar(symlink("l", "d"), symlink("l/e", "x"))
    yield "throughLink-hardlink.tar", tar(file("f"), symlink("l", "d"), hardlink("l/e", "f"))
    yield "throughLink-pax.tar", tar(symlink("l", "d"), pax([("path", "l/f")]), file("x"))
    yield "throughLink-gnu.tar", tar(symlink("l", "d"), gnu_long("L", "l/f"), file("x"))
    yield (
        "throughLink-sparse.tar",
        tar(symlink("l", "d"), sparse_gnu("l/f", [512, 512], 1024, b"A" * 512)),
    )
    yield "throughLink-zip.zip", raw_zip(Entry("l", "d", 0o120777), Entry("l/f"))
    yield "throughLink-cve-2025-4138.tar", long_chain()


def hard_links() -> Archives:
    """Yield archives with hard links to forbidden targets."""
    yield "hardLinkTarget-missing.tar", tar(hardlink("a", "b"))
    yield "hardLinkTarget-later.tar", tar(hardlink("a", "b"), file("b"))
    yield "hardLinkTarget-parent.tar", tar(hardlink("a", "../evil"))
    yield "hardLinkTarget-symlink.tar", tar(file("f"), symlink("l", "f"), hardlink("a", "l"))
    yield "hardLinkTarget-directory.tar", tar(directory("d"), hardlink("a", "d"))
    yield "hardLinkTarget-itself.tar", tar(hardlink("a", "a"))
    yield (
        "hardLinkTarget-pax.tar",
        tar(file("f"), pax([("linkpath", "../evil")]), hardlink("a", "f")),
    )
    yield "hardLinkTarget-gnu.tar", tar(file("f"), gnu_long("K", "../evil"), hardlink("a", "f"))
    # An absolute target that is made relative in one place and not in the other.
    yield "hardLinkTarget-cve-2026-23745.tar", tar(hardlink("a", "/etc/passwd"))
    # Judged beside the link, resolved from the top.
    yield "hardLinkTarget-cve-2026-24842.tar", tar(directory("d/e"), hardlink("d/e/a", "../../f"))
    yield (
        "hardLinkTarget-cve-2026-26960.tar",
        tar(symlink("a", "b"), symlink("b", "d/.."), hardlink("h", "a/f")),
    )
    yield (
        "hardLinkTarget-through-symlink.tar",
        tar(file("d/f"), symlink("l", "d"), hardlink("a", "l/f")),
    )
    yield (
        "hardLinkTarget-stripped.tar",
        tar(file("d/f"), hardlink("d/a", "f")),
        {"strip-components": 1},
    )


def long_chain() -> bytes:
    """Return a long chain of symlinks."""
    """Paths too long to be resolved in one call, so that a check of the resolved path fails."""
    members, path = [], ""
    for step in "abcdefghijklmno":
        wide = path + "d" * 247
        members += [pax([("path", wide)]), directory("x"), pax_link(path + step, "d" * 247)]
        path = wide + "/"
    steps = "/".join("abcdefghijklmno")
    return tar(*members, pax_link(f"{steps}/{'l' * 254}", "../" * 15), file("escape/evil"))


def pax_link(name: Name, target: Name) -> bytes:
    """Return a symlink whose target is in a pax header."""
    return pax([("path", name), ("linkpath", target)]) + symlink("x", "x")
