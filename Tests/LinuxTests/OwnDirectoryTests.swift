import Foundation
import Glibc
import TestSupport
import Testing

@testable import Linux

/// The permissions of a directory are changed only if it is a directory of this user, whatever has
/// taken its name meanwhile.
@Suite struct OwnDirectoryTests {
  private func permissions(_ path: String) throws -> FileMode {
    try status(ofPath: path).permissions
  }

  /// Changes the permissions of `x`, which another process has just put there.
  private func change(_ root: borrowing Descriptor) throws -> Bool {
    guard let directory = try OwnDirectory("x", in: root) else { return false }
    return directory.setPermissions(0o700)
  }

  @Test func `a directory of this user gets the permissions`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("x", mode: 0o700)
    #expect(chmod(scratch.path + "/x", 0) == 0)
    #expect(try change(root))
    #expect(try permissions(scratch.path + "/x") == 0o700)
  }

  @Test(arguments: ["link", "file", "pipe"])
  func `anything else that takes the name keeps its permissions`(kind: String) throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("target", mode: 0o700)
    #expect(chmod(scratch.path + "/target", 0o500) == 0)
    switch kind {
    case "link": try root.makeLink("x", to: "target")
    case "file": try root.writeFile("x", "")
    default: #expect(mkfifo(scratch.path + "/x", 0o600) == 0)
    }
    let before = try root.status(of: "x").permissions
    let error = #expect(throws: SystemError.self) { _ = try change(root) }
    #expect(error?.errno == .notADirectory)
    root.restorePermissions(0o777, of: "x")
    #expect(root.makeWritableForOwner("x") == nil)
    #expect(try root.status(of: "x").permissions == before)
    #expect(try permissions(scratch.path + "/target") == 0o500)
  }

  @Test(.enabled(if: User.isRoot, "only root can give a directory away"))
  func `the directory of another user keeps its permissions`() throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    try root.makeDirectory("x", mode: 0o700)
    #expect(chmod(scratch.path + "/x", 0o500) == 0)
    #expect(chown(scratch.path + "/x", 65534, 65534) == 0)
    #expect(try !change(root))
    root.restorePermissions(0o777, of: "x")
    #expect(root.makeWritableForOwner("x") == nil)
    #expect(try permissions(scratch.path + "/x") == 0o500)
  }
}
