import Foundation
import TestSupport
import Testing

/// Archives that unpack to far more than their own size end early and in little memory.
@Suite(.serialized) struct ArchiveBombTests {
  /// The memory limit of the worker and of its parent process, in KiB.
  private static let memory = 64 << 10
  /// The time limit on a busy machine; a quiet one needs less than a second.
  private static let seconds = 30.0

  private static let kinds = [
    "gzip", "zstd", "xz", "bzip2", "lz4", "gzip-after", "zstd-after", "xz-after", "bzip2-after",
    "lz4-after", "zip",
  ]

  @Test(arguments: kinds)
  func `ten gigabytes of zeros are rejected early and in little memory`(_ kind: String) throws {
    let store = try TestStore()
    let bomb = ["python3", Repository.fixture("make-bomb.py"), kind]
    // A declared size is checked first; otherwise the output counts.
    for configuration in ["", "unpack: {max-bytes: 20GiB}\n"] {
      try store.write("releases.yaml", configuration)
      let isDeclared = configuration.isEmpty && !kind.contains("after")
      try expectRejected(by: isDeclared ? "tooManyBytes" : "ratioTooHigh", bomb, store)
    }
    try store.expectConsistent()
  }

  @Test(arguments: ["1 << 33", "1 << 40", "(1 << 60) - 1"])
  func `a sparse file of a huge size is rejected`(_ size: String) throws {
    let store = try TestStore()
    let script = """
      import sys
      sys.path.insert(0, sys.argv[1])
      sys.dont_write_bytecode = True
      from tarball import *
      sys.stdout.buffer.write(tar(sparse_table("s", [1, 0, 512], \(size), b"A" * 512)))
      """
    let bomb = ["python3", "-c", script, Repository.fixture("archives")]
    let isAllowed = size == "1 << 33"
    try expectRejected(by: isAllowed ? "ratioTooHigh" : "tooManyBytes", bomb, store)
    try store.expectConsistent()
  }

  /// This archive breaks no limit and is only large.
  @Test(arguments: ["cat", "zstd", "gzip -1", "xz -0", "lz4", "bzip2 -1"])
  func `memory does not grow with the size of the archive`(_ filter: String) throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {max-ratio: 1000000}\n")
    let size = filter == "cat" ? "512M" : "128M"
    let archive = [
      "sh", "-euc",
      """
      truncate -s \(size) "$0/large"
      tar -C "$0" -cf - large | \(filter)
      """, store.directory,
    ]
    let run = try measure(archive, store)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.memory < Self.memory, "\(run.memory) KiB")
  }

  /// The archive asks for a window of 1.5 GiB, which must not be allocated and must not crash the
  /// worker.
  @Test func `a dictionary larger than the memory limit is rejected`() throws {
    let store = try TestStore()
    let script = """
      import lzma, struct, sys, zlib
      data = bytearray(lzma.compress(bytes(10240)))
      size = (data[12] + 1) * 4
      data[12 + 4] = 37
      data[12 + size - 4:12 + size] = struct.pack("<I", zlib.crc32(data[12:12 + size - 4]))
      sys.stdout.buffer.write(data)
      """
    let run = try measure(["python3", "-c", script], store)
    #expect(run.status == 6, "\(run.errors)")
    #expect(run.memory < Self.memory, "\(run.memory) KiB")
    try store.expectConsistent()
  }

  private func expectRejected(
    by rule: String, _ archive: [String], _ store: TestStore,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try measure(archive, store)
    #expect(
      run.status == 6 && run.errors.contains("(\(rule))"), "\(run)", sourceLocation: sourceLocation)
    #expect(run.memory < Self.memory, "\(run.memory) KiB", sourceLocation: sourceLocation)
    #expect(run.seconds < Self.seconds, "\(run.seconds) s", sourceLocation: sourceLocation)
    #expect(try store.names(".releases/staging") == [], sourceLocation: sourceLocation)
  }

  /// Unpacks the output of a program.
  ///
  /// - Returns: the run and the peak memory of the binary's processes in KiB.
  private func measure(
    _ archive: [String], _ store: TestStore
  ) throws -> (status: Int32, errors: String, memory: Int, seconds: Double) {
    let script = """
      binary=$0; store=$1; shift
      "$@" | command time -q -o "$store.usage" -f '%M %e' "$binary" --store "$store" unpack -
      """
    let run = try Program.run(["bash", "-c", script, Releases.binary, store.path] + archive)
    let usage = try String(contentsOfFile: "\(store.path).usage", encoding: .utf8)
      .split { $0 == " " || $0 == "\n" }
    return (
      run.status, run.errors, try #require(Int(usage[0])), try #require(Double(usage[1]))
    )
  }
}
