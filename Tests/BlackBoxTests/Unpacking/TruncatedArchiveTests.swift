import Foundation
import TestSupport
import Testing

/// Archives that end too early, or that other data follows, read from a file or a pipe.
@Suite struct TruncatedArchiveTests {
  private static let suffixes = [
    "tar", "tar.gz", "tar.zst", "tar.xz", "tar.bz2", "tar.lz4", "zip", "stored.zip", "streamed.zip",
  ]

  /// Packs about `size` KiB of random bytes.
  private func archive(_ suffix: String, size: Int, in store: TestStore) throws -> Data {
    let script = """
      cd "$0"; mkdir -p tree/d
      head -c $(($2 * 512)) /dev/urandom > tree/a; head -c $(($2 * 512)) /dev/urandom > tree/d/b
      ln -s a tree/l
      case $1 in
        tar) tar -b1 -cf "archive.$1" tree;;
        tar.gz) tar -cf - tree | gzip > "archive.$1";;
        tar.zst) tar -cf - tree | zstd -q > "archive.$1";;
        tar.xz) tar -cf - tree | xz -0 > "archive.$1";;
        tar.bz2) tar -cf - tree | bzip2 > "archive.$1";;
        tar.lz4) tar -cf - tree | lz4 -q > "archive.$1";;
        zip) zip -qry "archive.$1" tree;;
        stored.zip) zip -qry0 "archive.$1" tree;;
        streamed.zip) rm tree/l; zip -qr - tree | cat > "archive.$1";;
      esac
      """
    try Program.expect(["sh", "-euc", script, store.directory, suffix, "\(size)"])
    return try Data(contentsOf: URL(fileURLWithPath: "\(store.directory)/archive.\(suffix)"))
  }

  @Test(arguments: suffixes)
  func `an archive truncated at any length is rejected`(_ suffix: String) throws {
    let store = try TestStore()
    let whole = try archive(suffix, size: 16, in: store)
    let end = whole.count
    try #require(end > 4096)
    var cuts = [0, 1, 511, 512, 513, end / 2, end - 1025, end - 1024, end - 513, end - 512]
    cuts += [2, 4, 8, 16, 22, 23, 64].map { end - $0 } + [end - 1]
    for (number, length) in cuts.sorted().enumerated() {
      try expectRefused(whole.prefix(length), isFile: number % 2 == 0, store)
    }
    #expect(try store.names("releases") == [])
    try store.expectConsistent()
    try store.expectSuccess(["unpack", "-", "--id", "whole"], input: whole)
    #expect(try store.names("releases") == ["whole"])
  }

  @Test(arguments: suffixes)
  func `an archive followed by other data is rejected`(_ suffix: String) throws {
    let store = try TestStore()
    let whole = try archive(suffix, size: 16, in: store)
    for (number, garbage) in ["x", "garbage\n", String(repeating: "z", count: 70_000)].enumerated()
    {
      try expectRefused(whole + Data(garbage.utf8), isFile: number % 2 == 0, store)
    }
    // Padding is allowed.
    let padded = try store.run(["unpack", "-"], input: whole + Data(count: 10_240))
    #expect(padded.status == 0, "\(padded.errors)")
    try store.expectConsistent()
  }

  private func expectRefused(_ data: Data, isFile: Bool, _ store: TestStore) throws {
    let file = URL(fileURLWithPath: "\(store.directory)/cut")
    try data.write(to: file)
    let run =
      try isFile
      ? store.run(["--json", "unpack", file.path])
      : store.run(["--json", "unpack", "-"], input: data)
    #expect(run.status == 6, "\(data.count) bytes: \(run)")
    #expect(try store.names(".releases/staging") == [], "\(data.count) bytes")
  }

  @Test(arguments: ["tar.gz", "tar", "tar.zst", "tar.xz", "zip"])
  func `a truncated upload is never published`(format: String) throws {
    let store = try TestStore()
    let tree = "\(store.directory)/tree"
    try Program.expect(["mkdir", "-p", "\(tree)/src"])
    for name in ["a", "b", "src/c", "src/d"] {
      let random = try Program.expect(["head", "-c", "3000", "/dev/urandom"])
      try Data(random.output.utf8).write(to: URL(fileURLWithPath: "\(tree)/\(name)"))
    }
    let archive = "\(store.directory)/a.\(format)"
    let flags = format == "zip" ? ["--format", "zip"] : format == "tar" ? [] : ["-a"]
    try Program.expect(
      ["bsdtar", "-c", "-f", archive, "-C", tree] + flags + ["a", "b", "src"])
    let whole = try Data(contentsOf: URL(fileURLWithPath: archive))
    // A tar archive ends with two empty blocks, and padding after them carries no information.
    let end = whole.lastIndex { $0 != 0 }! + (format == "tar" ? 1 : 0)
    let lengths = Set(stride(from: 0, through: end, by: 512).map { $0 })
      .union([end - 1, end, end / 2, end / 3])
    for length in lengths.sorted() {
      let run = try store.run(["unpack", "-", "--id", "1"], input: whole.prefix(length))
      #expect(run.status == 6, "\(length) of \(whole.count) bytes: \(run.output)\(run.errors)")
    }
    #expect(try store.names("releases") == [])
    #expect(try store.releases().isEmpty)
    try store.expectConsistent()
    try store.expectSuccess(["unpack", "-", "--id", "1"], input: whole)
  }
}
