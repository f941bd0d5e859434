"""Tar members, header by header: well-formed ones and others."""

TIME = 1700000000
BLOCK = 512


def header(name, kind="0", size=0, link=b"", mode=0o644, mtime=TIME, magic=b"ustar\x0000",
           prefix=b"", size_field=None, time_field=None, sparse=None):
    name = name if isinstance(name, bytes) else name.encode()
    link = link if isinstance(link, bytes) else link.encode()
    size_field = size_field or b"%011o\0" % size
    block = bytearray(BLOCK)
    block[0:100] = name[:100].ljust(100, b"\0")
    block[100:108] = b"%07o\0" % mode
    block[108:116] = b"0001750\0"
    block[116:124] = b"0001750\0"
    block[124:136] = size_field
    block[136:148] = time_field or b"%011o\0" % mtime
    block[148:156] = b" " * 8
    block[156:157] = kind.encode("latin-1")
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


def replaced(data, old, new, count=-1):
    assert old in data and len(old) == len(new)
    return data.replace(old, new, count)


def sparse_pax(name, numbers, size, data, **more):
    """GNU's sparse format 0.1: the map in the pax header, the name there too."""
    return pax([("GNU.sparse.size", size), ("GNU.sparse.numblocks", len(numbers) // 2),
                ("GNU.sparse.name", name),
                ("GNU.sparse.map", ",".join(map(str, numbers)))]) + file(
        "GNUSparseFile.0/x", data, **more)


def sparse_table(name, lines, size, data):
    """GNU's sparse format 1.0: the map in front of the content."""
    table = padded("".join(f"{line}\n" for line in lines).encode())
    return pax([("GNU.sparse.major", 1), ("GNU.sparse.minor", 0), ("GNU.sparse.name", name),
                ("GNU.sparse.realsize", size)]) + file("GNUSparseFile.0/x", table + data)


def sparse_gnu(name, numbers, size, data):
    """GNU's old sparse format, type S: the map in the header."""
    fields = b"".join(b"%011o\0" % n for n in numbers).ljust(96, b"\0")
    return header(name, "S", size=len(data), magic=b"ustar  \0",
                  sparse=fields + b"\0" + b"%011o\0" % size) + padded(data)


def octets(number):
    """GNU's base 256, for sizes and times beyond the octal field."""
    return (1 << 95 | number & (1 << 95) - 1).to_bytes(12, "big")
