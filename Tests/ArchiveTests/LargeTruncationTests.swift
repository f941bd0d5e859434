import Foundation
import Linux
import TestSupport
import Testing

@testable import Archive

/// Archives of one megabyte, or of four in `make crash`, are truncated at every 4 KiB and at each
/// of the last 64 bytes.
struct LargeTruncationTests {
  private static let isFull = ProcessInfo.processInfo.environment["RELEASES_FULL_MATRIX"] == "1"
  private static let kinds =
    Compressor.allCases.map(\.rawValue) + ["deflated", "stored", "streamed"]

  @Test(arguments: kinds)
  func `a large archive truncated anywhere is rejected`(_ kind: String) throws {
    let directory = try TemporaryDirectory()
    let file = directory.url.appending(path: "archive")
    try make(kind, file)
    let size = try Descriptor.open(file.path).status().size
    #expect(size > 1 << 20)
    let code = failure { try unpack(file) }
    #expect(code == nil)
    let cuts = Array(stride(from: size - 65, to: 0, by: -4096)) + ((size - 64)..<size).reversed()
    // The file is truncated further and further.
    for (number, length) in cuts.sorted(by: >).enumerated() {
      truncate(file.path, Int(length))
      let code = failure { try unpack(file, fromPipe: number % 4 == 0) }
      switch code {
      case .truncated, .unreadable, .unsupported: break
      // The checksum may end like the bytes that `DecodedStream` appends.
      case .rejected(.trailingData) where kind == "lz4" && length > size - 4: break
      default: Issue.record("truncated to \(length) of \(size): \(String(describing: code))")
      }
    }
  }

  private func make(_ kind: String, _ file: URL) throws {
    let script = """
      cd "$0"; mkdir tree
      i=0; while [ $i -lt $2 ]; do head -c 90000 /dev/urandom > tree/$i; i=$((i+1)); done
      case $1 in
        none) tar -b1 -cf archive tree;;
        deflated) zip -qry archive.zip tree; mv archive.zip archive;;
        stored) zip -qry0 archive.zip tree; mv archive.zip archive;;
        streamed) zip -qry - tree | cat > archive;;
        *) tar -cf - tree | "$1" -c > archive;;
      esac
      """
    _ = try run([
      "sh", "-euc", script, file.deletingLastPathComponent().path, kind, Self.isFull ? "48" : "12",
    ])
  }

  private func unpack(_ file: URL, fromPipe: Bool = false) throws {
    let stage = try TestStage()
    guard fromPipe else {
      try stage.unpackFile(file)
      return
    }
    let cat = Process()
    let pipe = Foundation.Pipe()
    cat.executableURL = URL(fileURLWithPath: "/bin/cat")
    cat.arguments = [file.path]
    cat.standardOutput = pipe
    cat.standardError = FileHandle.nullDevice
    try cat.run()
    defer {
      // cat may still have data to write.
      cat.terminate()
      cat.waitUntilExit()
    }
    try pipe.fileHandleForWriting.close()
    try stage.unpack(from: pipe.fileHandleForReading.fileDescriptor)
  }
}
