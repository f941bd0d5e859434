import Foundation
import TestSupport
import Testing

/// Valid archives with unusual content unpack as other programs unpack them.
@Suite struct BenignArchiveTests {
  /// The facts that find(1) reports about one name.
  private struct Entry: Equatable {
    let kind: String
    var mode: Int
    let size: String
    let links: String
    let target: String
    let modified: Double
  }

  @Test func `unusual valid archives unpack as tar and unzip unpack them`() throws {
    let store = try TestStore()
    for (number, archive) in try ArchiveCorpus.made().benign.enumerated() {
      try expectSame(archive, "\(number)", store)
    }
    try store.expectConsistent()
  }

  @Test func `an archive of a hundred thousand entries is unpacked`() throws {
    let store = try TestStore()
    let archive = "\(store.directory)/many.tar.gz"
    let script = """
      import sys, tarfile
      def add(name, kind, target=""):
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.mtime = kind, target, 1700000000
        member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
        tar.addfile(member)
      with tarfile.open(sys.argv[1], "w:gz", compresslevel=1) as tar:
        for folder in range(100):
          add("%d" % folder, tarfile.DIRTYPE)
          for file in range(990): add("%d/%d" % (folder, file), tarfile.REGTYPE)
          add("%d/l" % folder, tarfile.SYMTYPE, "1")
          add("%d/h" % folder, tarfile.LNKTYPE, "%d/1" % folder)
      """
    try Program.expect(["python3", "-c", script, archive])
    try expectSame(archive, "many", store)
    let release = try #require(try store.releases()["many"])
    #expect(release["files"] as? Int == 99_100)
  }

  private func expectSame(_ archive: String, _ id: String, _ store: TestStore) throws {
    let start = Date().timeIntervalSince1970
    try store.expectSuccess(["unpack", archive, "--id", id])
    let other = "\(store.directory)/other"
    let isZip = archive.hasSuffix(".zip")
    try Program.expect(["mkdir", other])
    defer { _ = try? Program.run(["rm", "-rf", other]) }
    let unpacked = try Program.run(
      isZip
        ? ["sh", "-c", "umask 022; exec unzip -q -d \"$0\" \"$1\"", other, archive]
        : [
          "sh", "-c",
          """
          umask 022
          exec tar -x --no-same-owner --no-same-permissions --delay-directory-restore \\
            -C "$0" -f "$1"
          """, other, archive,
        ], environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"])
    // unzip warns of backslashes with status 1.
    try #require(
      unpacked.status == 0 || isZip && unpacked.status == 1, "\(archive): \(unpacked.errors)")
    let release = "\(store.path)/releases/\(id)"
    let (actual, expected) = (try entries(release), try entries(other))
    let different = Set(actual.keys).symmetricDifference(expected.keys)
    #expect(different.map { String(decoding: $0, as: UTF8.self) } == [], "\(archive)")
    for (name, entry) in actual {
      guard var reference = expected[name] else { continue }
      // Unpack removes write permission for others and adds read permission for the owner.
      reference.mode =
        switch reference.kind {
        case "f": reference.mode & 0o755 | 0o400
        case "d": reference.mode & 0o755 | 0o700
        default: reference.mode
        }
      // An implied directory has no time in the archive. Tar forgets the time of a directory with
      // another spelling, and unzip sets no times of links.
      let hasNoTime =
        reference.modified > start - 1 && (entry.kind == "d" || entry.kind == "l" && isZip)
      // unzip takes a directory without a mode for a file.
      if archive.hasSuffix("backslashes.zip"), entry.kind == "d" { reference.mode = entry.mode }
      // Expecting each of many entries would take longer than unpacking them.
      if hasNoTime ? entry.mode != reference.mode : entry != reference {
        let name = String(decoding: name, as: UTF8.self)
        Issue.record("\(archive): \(name) is \(entry), not \(reference)")
      }
    }
    let same = try Program.run(["diff", "-r", "--no-dereference", release, other])
    #expect(same.status == 0, "\(archive): \(same.output)\(same.errors)")
  }

  /// Returns the entries of a directory by the bytes of their names, since Swift takes two spellings
  /// of a name for equal.
  private func entries(_ directory: String) throws -> [[UInt8]: Entry] {
    // The size and the link count of a directory depend on the file system.
    let found = try Program.expect([
      "find", directory, "-mindepth", "1", "-printf",
      #"%P\0%y\0%m\0%s\0%n\0%l\0%T@\0"#,
    ]).output.components(separatedBy: "\0")
    var entries: [[UInt8]: Entry] = [:]
    for start in stride(from: 0, to: found.count - 6, by: 7) {
      let isDirectory = found[start + 1] == "d"
      entries[Array(found[start].utf8)] = Entry(
        kind: found[start + 1], mode: try #require(Int(found[start + 2], radix: 8)),
        size: isDirectory ? "" : found[start + 3], links: isDirectory ? "" : found[start + 4],
        target: found[start + 5], modified: try #require(Double(found[start + 6])))
    }
    return entries
  }
}
