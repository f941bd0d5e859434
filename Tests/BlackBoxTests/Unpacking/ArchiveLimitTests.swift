import Foundation
import TestSupport
import Testing

/// Archives that readers disagree about, that are corrupt where no library looks, or that are too
/// large.
@Suite struct ArchiveLimitTests {
  /// Python functions that make an archive.
  private static let helpers = """
    import io, sys, tarfile, zipfile
    def head(name, size, kind=b"0", link=b""):
        b = bytearray(512)
        b[0:len(name)] = name
        b[100:136] = b"0000644\\0" + b"0000000\\0" * 2 + b"%011o\\0" % size
        b[136:148], b[148:156], b[156:157] = b"0" * 11 + b"\\0", b" " * 8, kind
        b[157:157 + len(link)], b[257:265] = link, b"ustar\\x0000"
        b[148:156] = b"%06o\\0 " % sum(b)
        return bytes(b)
    def member(name, data, kind=b"0"):
        return head(name, len(data), kind) + data + bytes(-len(data) % 512)
    def named(name): return member(b"././@LongLink", name + b"\\0", b"L")
    def pack(*members): return b"".join(members) + bytes(1024)
    def sparse(size):
        def record(key, value):
            text = " %s=%s\\n" % (key, value)
            n = len(text) + 2
            return ("%d%s" % (n, text) if len(str(n)) == 2 else "").encode()
        r = [("GNU.sparse.major", 1), ("GNU.sparse.minor", 0), ("GNU.sparse.name", "big"),
             ("GNU.sparse.realsize", size)]
        return pack(member(b"pax", b"".join(record(*x) for x in r), b"x"),
                    member(b"big", b"1\\n0\\n1\\n".ljust(512, b"\\0") + b"x"))
    def zipped(target):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("file", "x")
            link = zipfile.ZipInfo("link")
            link.create_system, link.external_attr = 3, 0o120777 << 16
            z.writestr(link, target)
        return out.getvalue()

    """

  private func archive(_ expression: String) throws -> Data {
    let made = try Program.expect(
      [
        "python3", "-c",
        Self.helpers + "import base64; print(base64.b64encode(\(expression)).decode())",
      ])
    return try #require(
      Data(base64Encoded: made.output.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  @Test(
    arguments: [
      ("specialFile", #"pack(member(b"a", b"x"), member(b"b", b"x", b"D"))"#),
      ("specialFile", #"pack(member(b"a", b"x"), member(b"b", b"x", b"N"))"#),
      ("specialFile", #"pack(member(b"a", b"x"), member(b"b", b"x", b"9"))"#),
      // A reader that takes this member for a directory finds another member in its content.
      ("sizeLies", #"pack(member(b"a/", head(b"hidden", 0)), member(b"b", b"x"))"#),
      // The same, with a long name that other readers give the member.
      ("sizeLies", #"pack(named(b"a/" + b"b" * 100), member(b"a/", b"x"))"#),
      ("sizeLies", #"pack(named(b"e" * 99 + b"/f"), member(b"d" * 99 + b"/", b"x"))"#),
      ("sizeLies", #"pack(named(b"d" * 99 + b"/"), member(b"d" * 99 + b"/", b"x"))"#),
      ("sizeLies", #"pack(member(b"d" * 99 + b"/", b"x"))"#),
      (
        "sizeLies",
        #"pack(member(b"x", b"111 path=" + b"e" * 99 + b"/f\n", b"x"), member(b"d" * 99 + b"/", b"x"))"#
      ),
      ("linkTarget", #"zipped("file").replace(b"linkfile", b"linkfilf")"#),
      ("linkTarget", #"zipped("file\0x")"#),
      ("tooManyBytes", #"sparse(1 << 42)"#),
    ])
  func `an archive that readers disagree about is rejected`(_ rule: String, _ expression: String)
    throws
  {
    let store = try TestStore()
    let run = try store.run(["unpack", "-"], input: try archive(expression))
    #expect(run.status == 6 && run.errors.contains("(\(rule))"), "\(run)")
    try store.expectConsistent()
  }

  @Test func `an unusual but valid archive is accepted`() throws {
    let store = try TestStore()
    for expression in [
      #"pack(member(b"a", b"x", b"7"), member(b"b", b"x", b"\0"), head(b"d/", 0, b"5"))"#,
      #"zipped("file")"#, #"sparse(1 << 13)"#,
      // GNU tar and Python cut the name of the plain header off, here after a slash.
      #"pack(named(b"d" * 99 + b"/f"), member(b"d" * 99 + b"/", b"x"))"#,
      #"pack(member(b"x", b"111 path=" + b"d" * 99 + b"/f\n", b"x"), member(b"d" * 99 + b"/", b"x"))"#,
    ] {
      let run = try store.run(["unpack", "-"], input: try archive(expression))
      #expect(run.status == 0, "\(expression): \(run.errors)")
    }
    try store.expectConsistent()
  }

  @Test(
    arguments: [
      ("max-bytes: 1KiB", "tooManyBytes", "unpacks to more than 1 KiB"),
      ("max-bytes: 1001", "tooManyBytes", "unpacks to more than 1001 bytes"),
      ("max-entries: 3, max-ratio: 2000", "tooManyEntries", "has more than 3 entries"),
      ("max-ratio: 20", "ratioTooHigh", "unpacks to more than 20 times its size"),
    ])
  func `an archive beyond a configured limit is rejected with the limit`(
    _ limit: String, _ rule: String, _ message: String
  ) throws {
    let store = try TestStore()
    let file = try store.archive(
      ["a": String(repeating: "0123456789abcde\n", count: 1_100_000), "b": "", "c": "", "d": ""])
    try store.write("releases.yaml", "unpack: {max-ratio: 2000}\n")
    try store.expectSuccess(["unpack", file])
    try store.write("releases.yaml", "unpack: {\(limit)}\n")
    let run = try store.run(["unpack", file])
    #expect(run.status == 6 && run.errors.contains("(\(rule))"), "\(run)")
    #expect(run.errors.contains(": the archive \(message)\n"), "\(run)")
  }
}
