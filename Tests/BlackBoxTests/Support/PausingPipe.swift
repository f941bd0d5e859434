import Foundation
import TestSupport
import Testing

/// A named pipe through which an archive arrives in two pieces.
final class PausingPipe {
  let path: String
  private let writer: BackgroundProgram

  /// - Parameters:
  ///   - archive: the path of the archive.
  ///   - bytes: the size of the first piece.
  ///   - seconds: the pause before the second piece.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  init(of archive: String, pausingAt bytes: Int, seconds: Double = 0.6) throws {
    path = archive + ".pipe"
    try Program.expect(["mkfifo", path])
    // A single process writes, since a child of a shell would outlive the shell.
    let script = """
      import sys, time
      path, archive, count, seconds = sys.argv[1:]
      data = open(archive, "rb").read()
      with open(path, "wb", buffering=0) as pipe:
        pipe.write(data[:int(count)])
        time.sleep(float(seconds))
        pipe.write(data[int(count):])
      """
    writer = try BackgroundProgram([
      "python3", "-c", script, path, archive, "\(bytes)", "\(seconds)",
    ])
  }

  /// Ends the writer; the rest of the archive is not needed.
  func end() {
    writer.send(SIGKILL)
    writer.end()
  }
}

extension TestStore {
  /// Packs one file of random bytes, which do not compress.
  func incompressible(kib: Int) throws -> String {
    let tree = "\(directory)/\(UUID().uuidString)"
    try Program.expect(["mkdir", tree])
    try Program.expect(["sh", "-c", "head -c $1 /dev/urandom > \"$0\"", tree + "/data", "\(kib)k"])
    try Program.expect([
      "sh", "-c", "tar -cf - -C \"$0\" . | gzip -1 > \"$0.tar.gz\"", tree,
    ])
    return tree + ".tar.gz"
  }
}
