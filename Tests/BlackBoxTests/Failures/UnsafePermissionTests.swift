import Foundation
import TestSupport
import Testing

/// A store that other users can write to is refused, since its content decides what runs.
@Suite struct UnsafePermissionTests {
  @Test(arguments: [("", "775"), ("", "757"), (".releases", "775"), ("releases.yaml", "666")])
  func `a store that others can write to is refused`(name: String, mode: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.write("releases.yaml", "keep: {count: 3}\n")
    let path = name.isEmpty ? store.path : "\(store.path)/\(name)"
    _ = try Program.run(["chmod", mode, path])
    let before = try store.fileSystemState()
    for arguments in [["rollback"], ["activate", "1"], ["prune"]] {
      let run = try store.expectFailure(arguments, status: 3, code: "unsafeOwner")
      #expect(run.hintCommand == "chmod go-w \(path)", "\(run.errors)")
    }
    #expect(before == (try store.fileSystemState()))
    _ = try Program.run(["chmod", "go-w", path])
    try store.expectSuccess(["rollback"])
  }

  @Test func `a directory of the store that others can write to is refused`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    for name in ["", "releases", ".releases", ".releases/catalog"] {
      let path = "\(store.path)/\(name)"
      try Program.expect(["chmod", "g+w", path])
      try store.expectFailure(["activate", "2"], status: 3, code: "unsafeOwner")
      try Program.expect(["chmod", "g-w", path])
    }
    guard geteuid() == 0 else { return }
    // A plain `chown USER` keeps root's group, which the owner must not act with.
    try Program.expect(["chown", "-R", "65533:0", store.path])
    try store.expectSuccess(["activate", "2"])
    let made = try Program.expect(["stat", "-c", "%u %g", "\(store.path)/.releases/catalog/2.json"])
    #expect(made.output == "65533 65534\n")
    try Program.expect(["chown", "-R", "0:0", store.path])
    for name in [".releases", ".releases/catalog", ".releases/staging"] {
      let path = "\(store.path)/\(name)"
      try Program.expect(["chown", "65533", path])
      try store.expectFailure(["unpack", "/dev/null"], status: 3, code: "unsafeOwner")
      try Program.expect(["chown", "0", path])
    }
  }
}
