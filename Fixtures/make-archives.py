#!/usr/bin/env python3
"""Makes the archives that the tests unpack: make-archives.py DIRECTORY

hostile/RULE-WHAT.SUFFIX must be rejected by that rule (damaged-… must fail in another way).
benign/WHAT.SUFFIX must be unpacked into what WHAT.SUFFIX.json says.
Only Python's own library; every run makes the same bytes.
"""

import hashlib
import io
import json
import os
import struct
import sys
import zipfile
import zlib

TIME = 1700000000
BLOCK = 512


def header(name, kind="0", size=0, link=b"", mode=0o644, mtime=TIME, magic=b"ustar\x0000",
           prefix=b"", size_field=None, sparse=None):
    name = name if isinstance(name, bytes) else name.encode()
    link = link if isinstance(link, bytes) else link.encode()
    size_field = size_field or b"%011o\0" % size
    block = bytearray(BLOCK)
    block[0:100] = name[:100].ljust(100, b"\0")
    block[100:108] = b"%07o\0" % mode
    block[108:116] = b"0001750\0"
    block[116:124] = b"0001750\0"
    block[124:136] = size_field
    block[136:148] = b"%011o\0" % mtime
    block[148:156] = b" " * 8
    block[156:157] = kind.encode()
    block[157:257] = link[:100].ljust(100, b"\0")
    block[257:265] = magic
    block[345:500] = prefix.ljust(155, b"\0")
    if sparse:
        block[345:500] = bytes(155)
        block[386:386 + len(sparse)] = sparse
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def file(name, data=b"content\n", **more):
    data = data if isinstance(data, bytes) else data.encode()
    return header(name, size=len(data), **more) + padded(data)


def directory(name, mode=0o755, **more):
    return header(name, "5", mode=mode, **more)


def symlink(name, target):
    return header(name, "2", link=target, mode=0o777)


def hardlink(name, target):
    return header(name, "1", link=target)


def records(pairs):
    out = b""
    for key, value in pairs:
        value = value if isinstance(value, bytes) else str(value).encode()
        body = b" " + key.encode() + b"=" + value + b"\n"
        length = len(body)
        while length != len(body) + len(str(length)):
            length = len(body) + len(str(length))
        out += str(length).encode() + body
    return out


def pax(pairs, kind="x"):
    data = records(pairs)
    return header("PaxHeaders/x", kind, size=len(data)) + padded(data)


def gnu_long(kind, text):
    data = text if isinstance(text, bytes) else text.encode()
    data += b"\0"
    return header("././@LongLink", kind, size=len(data), magic=b"ustar  \0") + padded(data)


END = bytes(2 * BLOCK)


def tar(*members):
    return b"".join(members) + END


def make_zip(members, method=zipfile.ZIP_DEFLATED):
    """members: (name, data, mode); mode with its file type bits."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name, (2023, 11, 14, 22, 13, 20))
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def replaced(data, old, new, count=-1):
    assert old in data and len(old) == len(new)
    return data.replace(old, new, count)


def hostile():
    plain = file("a.txt")
    yield "absoluteName-tar.tar", tar(file("/etc/passwd"))
    yield "absoluteName-pax.tar", tar(pax([("path", "/etc/passwd")]), plain)
    yield "absoluteName-gnu.tar", tar(gnu_long("L", "/etc/passwd"), plain)
    yield "absoluteName-zip.zip", make_zip([("/etc/passwd", "x", 0o100644)])
    yield "parentComponent-start.tar", tar(file("../evil"))
    yield "parentComponent-middle.tar", tar(file("a/../../evil"))
    yield "parentComponent-end.tar", tar(directory("a/.."))
    yield "parentComponent-slashes.tar", tar(file("a//./..//evil"))
    yield "parentComponent-pax.tar", tar(pax([("path", "../evil")]), plain)
    yield "parentComponent-zip.zip", make_zip([("../../evil", "x", 0o100644)])
    yield "emptyName-tar.tar", tar(file(""))
    yield "emptyName-pax.tar", tar(pax([("path", "")]), plain)
    yield "emptyName-file-as-top.tar", tar(file("./."))
    yield "nulInName-pax.tar", tar(pax([("path", b"a\0/../b")]), plain)
    yield "nulInName-gnu.tar", tar(gnu_long("L", b"a\0b"), plain)
    yield "nameNotUTF8-tar.tar", tar(file(b"caf\xe9"))
    yield "nameNotUTF8-overlong.tar", tar(file(b"\xc0\xae\xc0\xae/evil"))
    yield "nameNotUTF8-zip.zip", replaced(make_zip([("cafe", "x", 0o100644)]), b"cafe", b"caf\xe9")
    yield "nameTooLong-component.tar", tar(pax([("path", "a" * 256)]), plain)
    yield "nameTooLong-path.tar", tar(pax([("path", "/".join(["a" * 200] * 21))]), plain)
    yield "tooDeep-tar.tar", tar(pax([("path", "/".join("a" * 129))]), plain)

    yield "linkEscapes-absolute.tar", tar(symlink("a", "/etc/passwd"))
    yield "linkEscapes-relative.tar", tar(symlink("a", "../evil"))
    yield "linkEscapes-deep.tar", tar(symlink("d/a", "../../evil"))
    yield "linkEscapes-chain.tar", tar(
        directory("d"), directory("d/e"), symlink("top", "d/e"), symlink("out", "top/../../.."))
    yield "linkEscapes-chain-made-later.tar", tar(
        symlink("out", "l/.."), symlink("l", "d/e/../.."), directory("d"), directory("d/e"))
    yield "linkEscapes-cve-2025-4517.tar", tar(
        directory("d" * 60), symlink("a", "d" * 60), symlink("b", "a/../a/.."),
        symlink("c", "b/../evil"))
    yield "linkEscapes-pax.tar", tar(pax([("linkpath", "../evil")]), symlink("a", "fine"))
    yield "linkEscapes-zip.zip", make_zip([("a", "../evil", 0o120777)])
    yield "linkLoop-two.tar", tar(symlink("a", "b"), symlink("b", "a"))
    yield "linkLoop-long.tar", tar(*[symlink(f"l{i}", f"l{i + 1}") for i in range(50)])
    yield "linkTarget-empty.tar", tar(symlink("a", ""))
    yield "linkTarget-nul.tar", tar(pax([("linkpath", b"a\0b")]), symlink("a", "fine"))
    yield "throughLink-inside.tar", tar(directory("d"), symlink("l", "d"), file("l/f"))
    yield "throughLink-outside.tar", tar(symlink("l", "d/.."), file("l/f"))
    yield "throughLink-directory.tar", tar(symlink("l", "d"), directory("l/e"))
    yield "throughLink-zip.zip", make_zip([("l", "d", 0o120777), ("l/f", "x", 0o100644)])
    yield "throughFile-tar.tar", tar(file("a"), file("a/b"))

    yield "hardLinkTarget-missing.tar", tar(hardlink("a", "b"))
    yield "hardLinkTarget-later.tar", tar(hardlink("a", "b"), file("b"))
    yield "hardLinkTarget-absolute.tar", tar(hardlink("a", "/etc/passwd"))
    yield "hardLinkTarget-parent.tar", tar(hardlink("a", "../evil"))
    yield "hardLinkTarget-symlink.tar", tar(file("f"), symlink("l", "f"), hardlink("a", "l"))
    yield "hardLinkTarget-through-symlink.tar", tar(
        file("d/f"), symlink("l", "d"), hardlink("a", "l/f"))
    yield "hardLinkTarget-directory.tar", tar(directory("d"), hardlink("a", "d"))
    yield "hardLinkTarget-itself.tar", tar(hardlink("a", "a"))

    for kind, what in (("3", "character"), ("4", "block"), ("6", "fifo"), ("V", "label")):
        yield f"specialFile-{what}.tar", tar(header("x", kind))
    yield "specialFile-socket.zip", make_zip([("s", "", 0o140644)])
    yield "duplicateName-file.tar", tar(file("a"), file("a"))
    yield "duplicateName-spelling.tar", tar(file("d/a"), file("./d//a"))
    yield "duplicateName-directory.tar", tar(directory("d"), directory("d/"))
    yield "duplicateName-file-then-link.tar", tar(file("a"), symlink("a", "b"))
    yield "duplicateName-link-then-file.tar", tar(symlink("a", "b"), file("a"))
    yield "collision-case.tar", tar(symlink("LIB", "x"), file("lib/f"))
    yield "collision-sharp-s.tar", tar(symlink("stra\u00dfe", "x"), directory("STRASSE"))
    yield "collision-normalisation.tar", tar(symlink("caf\u00e9", "x"), directory("cafe\u0301"))
    yield "collision-file-directory.tar", tar(file("Lib"), file("lib/f"))

    yield "sizeLies-directory.tar", tar(header("d", "5", size=512) + bytes(512))
    yield "sizeLies-hardlink.tar", tar(file("f"), header("a", "1", link="f", size=8) + bytes(512))
    yield "sizeLies-symlink.tar", tar(header("a", "2", link="f", size=8) + bytes(512))
    inner = file("hidden")
    yield "sizeLies-cve-2025-62518.tar", tar(
        pax([("size", len(inner))]), header("outer", size=0), inner)
    yield "sizeLies-huge.tar", tar(header("a", size_field=b"\x80" + b"\0" * 3 + b"\x7f" * 8))
    yield "sizeLies-sparse.tar", tar(
        pax([("GNU.sparse.size", 100), ("GNU.sparse.map", "0,5000")]), file("a"))
    yield "sizeLies-sparse-overlap.tar", tar(
        pax([("GNU.sparse.size", 100), ("GNU.sparse.map", "4,4,0,4")]), file("a", b"12345678"))
    yield "globalHeader-path.tar", tar(pax([("path", "evil")], "g"), plain)
    yield "globalHeader-size.tar", tar(pax([("size", "0")], "g"), plain)
    yield "globalHeader-linkpath.tar", tar(pax([("linkpath", "../x")], "g"), plain)
    yield "ambiguousHeader-two-names.tar", tar(
        gnu_long("L", "one"), pax([("path", "two")]), plain)
    yield "ambiguousHeader-path-twice.tar", tar(pax([("path", "one"), ("path", "two")]), plain)
    yield "ambiguousHeader-two-pax.tar", tar(pax([("path", "one")]), pax([("path", "two")]), plain)
    yield "metadataTooLarge-pax.tar", tar(pax([("comment", "x" * (1 << 20))]), plain)
    yield "trailingData-after-end.tar", tar(plain) + file("more")
    yield "trailingData-byte.tar", tar(plain) + bytes(511) + b"x"
    yield "trailingData-lone-zero-block.tar", plain + bytes(512) + file("more") + END
    yield "noMembers-tar.tar", END
    yield "noMembers-zip.zip", make_zip([])

    good = make_zip([("a", "aaaa", 0o100644)], zipfile.ZIP_STORED)
    yield "trailingData-zip.zip", good + b"x"
    yield "ambiguousHeader-zip-names.zip", good.replace(b"aaaaa", b"baaaa", 1)
    two = make_zip([("a", "aaaa", 0o100644), ("b", "bbbb", 0o100644)], zipfile.ZIP_STORED)
    second = two.index(b"PK\1\2", two.index(b"PK\1\2") + 1)
    yield "ambiguousHeader-zip-overlap.zip", (
        two[:second + 42] + struct.pack("<I", 0) + two[second + 46:])
    yield "ambiguousHeader-zip-gap.zip", zip_with_gap()
    yield "ambiguousHeader-zip-prepended.zip", zip_with_gap(hidden_first=True)
    yield "encrypted-zip.zip", good.replace(b"\x14\0\0\0", b"\x14\0\1\0")
    yield "sizeLies-zip.zip", zip_with_size(5)
    yield "sizeLies-zip-more.zip", zip_with_size(3)
    yield "damaged-zip-crc.zip", replaced(good, b"aaaaa", b"aaaab")
    yield "damaged-tar-checksum.tar", tar(plain, replaced(file("b.txt"), b"b.txt", b"c.txt"))
    yield "damaged-tar-pax.tar", tar(header("p", "x", size=3) + padded(b"9 a"), plain)
    yield "damaged-text.tar", b"this is no archive at all\n" * 100
    yield "damaged-empty.tar", b""
    yield "damaged-no-end-marker.tar", plain
    yield "damaged-half-end-marker.tar", plain + bytes(512)
    yield "damaged-zeros-for-end-marker.tar", file("zeros", bytes(4096))


def zip_with_gap(hidden_first=False):
    """A member that only the local headers know, before or behind the other."""
    one = make_zip([("a", "aaaa", 0o100644)], zipfile.ZIP_STORED)
    start = one.index(b"PK\1\2")
    local, rest = one[:start], bytearray(one[start:])
    hidden = local.replace(b"aaaaa", b"hbbbb")
    end = rest.index(b"PK\5\6")
    rest[end + 16:end + 20] = struct.pack("<I", start + len(hidden))
    if hidden_first:
        rest[42:46] = struct.pack("<I", len(hidden))
        return hidden + local + bytes(rest)
    return local + hidden + bytes(rest)


def zip_with_size(size):
    """Four bytes, deflated, declared as another number in both headers."""
    data = make_zip([("a", "aaaa", 0o100644)])
    crc = struct.pack("<I", zlib.crc32(b"aaaa"))
    length = data.index(crc) + 8
    data = bytearray(data)
    data[length:length + 4] = struct.pack("<I", size)
    second = bytes(data).index(crc, length) + 8
    data[second:second + 4] = struct.pack("<I", size)
    return bytes(data)


def expected_file(data, mode=0o644, mtime=TIME):
    data = data if isinstance(data, bytes) else data.encode()
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "mode": mode,
            "mtime": mtime}


def benign():
    content = expected_file("content\n")
    yield "plain.tar", tar(
        directory("./"), directory("./d", 0o750), file("./d/a"), file("d/run", mode=0o755),
        symlink("l", "d/a"), symlink("d/up", "../l"), symlink("dangling", "nowhere/at/all"),
        symlink("here", "."), hardlink("h", "d/a"), hardlink("d/h2", "h")), {
            "d": {"mode": 0o750}, "d/a": content, "d/run": expected_file("content\n", 0o755),
            "l": {"target": "d/a"}, "d/up": {"target": "../l"},
            "dangling": {"target": "nowhere/at/all"}, "here": {"target": "."},
            "h": content, "d/h2": content}
    yield "one.tar", tar(file("a")), {"a": content}
    yield "padded.tar", tar(file("a")) + bytes(10240), {"a": content}
    yield "missing-parents.tar", tar(file("a/b//c/./f")), {
        "a": {"mode": 0o755}, "a/b": {"mode": 0o755}, "a/b/c": {"mode": 0o755}, "a/b/c/f": content}
    yield "modes.tar", tar(
        file("world", mode=0o666), file("none", mode=0), directory("d", 0o1777),
        file("setuid", mode=0o4755), file("later/f"), directory("later", 0o700)), {
            "world": content, "none": expected_file("content\n", 0o400), "d": {"mode": 0o755},
            "setuid": expected_file("content\n", 0o755), "later": {"mode": 0o700},
            "later/f": content}
    long = "/".join(["n" * 100] * 5)
    names = {long.rsplit("/", i)[0]: {"mode": 0o755} for i in range(1, 5)}
    names[long] = content
    yield "long-pax.tar", tar(pax([("path", long), ("mtime", "1700000000.25")]), file("x")), names
    yield "long-gnu.tar", tar(gnu_long("L", long), file("x", magic=b"ustar  \0")), names
    yield "long-link.tar", tar(gnu_long("K", "t" * 200), symlink("a", "x"),
                               pax([("linkpath", "u" * 200)]), symlink("b", "x")), {
        "a": {"target": "t" * 200}, "b": {"target": "u" * 200}}
    yield "prefix.tar", tar(file("f", prefix=b"p/q")), {
        "p": {"mode": 0o755}, "p/q": {"mode": 0o755}, "p/q/f": content}
    nfc, nfd = "caf\u00e9", "cafe\u0301"
    yield "unicode.tar", tar(
        pax([("path", f"{nfd}/f")]), file("x"), file(f"{nfc}/f"), file("\u65e5\u672c")), {
            nfc: {"mode": 0o755}, nfd: {"mode": 0o755}, f"{nfc}/f": content, f"{nfd}/f": content,
            "\u65e5\u672c": content}
    yield "case.tar", tar(file("Makefile"), file("makefile")), {
        "Makefile": content, "makefile": content}
    yield "git.tar", tar(pax([("comment", "0" * 40)], "g"), file("a")), {"a": content}
    yield "v7.tar", tar(header("d/", "\0", mode=0o755, magic=bytes(8)),
                        file("d/f", magic=bytes(8))), {"d": {"mode": 0o755}, "d/f": content}
    yield from sparse()
    yield "plain.zip", make_zip([
        ("d/", "", 0o040755), ("d/a", "content\n", 0o100644), ("l", "d/a", 0o120777),
        (nfd, "content\n", 0o100755), ("empty", "", 0o100644)]), {
            "d": {"mode": 0o755}, "d/a": content, "l": {"target": "d/a"},
            nfd: expected_file("content\n", 0o755), "empty": expected_file("")}
    yield "stored.zip", make_zip([("a", "content\n", 0o100644)], zipfile.ZIP_STORED), {"a": content}
    yield "streamed.zip", streamed_zip(), {"a": content}
    large = bytes(range(256)) * 8192
    yield "large.zip", make_zip([("a", large, 0o100644)]), {"a": expected_file(large)}


def sparse():
    data = b"A" * 512 + b"B" * 512
    whole = bytes(512) + b"A" * 512 + bytes(4096) + b"B" * 512 + bytes(1000)
    numbers = [512, 512, 5120, 512]
    seen = {"s": expected_file(whole)}
    listed = [("GNU.sparse.size", len(whole)), ("GNU.sparse.numblocks", 2)]
    for offset, count in (numbers[:2], numbers[2:]):
        listed += [("GNU.sparse.offset", offset), ("GNU.sparse.numbytes", count)]
    yield "sparse-0.0.tar", tar(pax(listed), file("s", data), file("after")), {
        **seen, "after": expected_file("content\n")}
    yield "sparse-0.1.tar", tar(pax([
        ("GNU.sparse.size", len(whole)), ("GNU.sparse.name", "s"),
        ("GNU.sparse.map", ",".join(map(str, numbers)))]), file("GNUSparseFile.0/s", data)), seen
    table = padded("".join(f"{n}\n" for n in [2] + numbers).encode())
    yield "sparse-1.0.tar", tar(pax([
        ("GNU.sparse.major", 1), ("GNU.sparse.minor", 0), ("GNU.sparse.name", "s"),
        ("GNU.sparse.realsize", len(whole))]), file("GNUSparseFile.0/s", table + data)), seen
    fields = b"".join(b"%011o\0" % n for n in numbers).ljust(96, b"\0")
    yield "sparse-gnu.tar", tar(
        header("s", "S", size=len(data), magic=b"ustar  \0",
               sparse=fields + b"\0" + b"%011o\0" % len(whole)) + data), seen


class Unseekable(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError("unseekable")

    def tell(self):
        raise OSError("unseekable")


def streamed_zip():
    """Sizes behind the content."""
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("a", (2023, 11, 14, 22, 13, 20))
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, "content\n")
    return out.getvalue()


def main(top):
    for folder in ("hostile", "benign"):
        os.makedirs(os.path.join(top, folder), exist_ok=True)
    for name, data in hostile():
        with open(os.path.join(top, "hostile", name), "wb") as out:
            out.write(data)
    for name, data, tree in benign():
        with open(os.path.join(top, "benign", name), "wb") as out:
            out.write(data)
        with open(os.path.join(top, "benign", name + ".json"), "w", encoding="utf-8") as out:
            # A list: readers may take two keys for one that differ only in normalisation.
            json.dump([{"path": path, **tree[path]} for path in tree], out, indent=1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
