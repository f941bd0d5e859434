import Foundation
import TestSupport
import Testing

/// How deep the trash is decides nothing about `status`.
@Suite struct LeftoverDepthTests {
  /// A recursion through all levels would need more than the stack has.
  @Test func `a directory of 20,000 levels in the trash is reported`() throws {
    let store = try TestStore()
    let script = """
      import os
      os.chdir("\(store.path)/.releases/trash")
      for _ in range(20000):
        os.mkdir("d")
        os.chdir("d")
      """
    try Program.expect(["python3", "-c", script])
    try Program.expect(["chown", "-R", "\(ForeignUser.owner):\(ForeignUser.owner)", store.path])
    let run = try Program.run([
      "sh", "-c", "ulimit -s 1024; \"$@\"", "sh", Releases.binary, "--store", store.path, "status",
      "--json",
    ])
    #expect(run.status == 7, "\(run.errors)")
    #expect(run.output.contains("\"trashLeft\""), "\(run.output)")
    try Program.expect(["rm", "-rf", "\(store.path)/.releases/trash/d"])
  }
}
