import Foundation
import Testing

/// A pipe with a name through which an archive comes in two pieces.
final class Pipeline {
  let path: String
  private let writer: Companion

  /// - Parameters:
  ///   - bytes: how long the first piece is.
  ///   - seconds: how long the second lets them wait.
  init(of archive: String, pausingAt bytes: Int, seconds: Double = 0.6) throws {
    path = archive + ".pipe"
    try Program.expect(["mkfifo", path])
    // One process: what it started would outlive it.
    let script = """
      import sys, time
      path, archive, count, seconds = sys.argv[1:]
      data = open(archive, "rb").read()
      with open(path, "wb", buffering=0) as pipe:
        pipe.write(data[:int(count)])
        time.sleep(float(seconds))
        pipe.write(data[int(count):])
      """
    writer = try Companion(["python3", "-c", script, path, archive, "\(bytes)", "\(seconds)"])
  }

  /// Nobody needs the rest.
  func end() {
    writer.send(SIGKILL)
    writer.end()
  }
}

extension TestStore {
  /// An archive of one file of so many KiB that no compression makes smaller.
  func incompressible(kib: Int) throws -> String {
    let tree = "\(directory)/\(UUID().uuidString)"
    try Program.expect(["mkdir", tree])
    try Program.expect(["sh", "-c", "head -c $1 /dev/urandom > \"$0\"", tree + "/data", "\(kib)k"])
    try Program.expect(["tar", "-czf", tree + ".tar.gz", "-C", tree, "."])
    return tree + ".tar.gz"
  }
}
