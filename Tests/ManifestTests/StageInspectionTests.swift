import Archive
import Linux
import TestSupport
import Testing

@testable import Manifest

/// The comparison of an unpacked tree with what the unpack worker reported.
@Suite struct StageInspectionTests {
  private static let make = """
    umask 022; mkdir -p d/e; printf x > d/e/g; printf x > f; ln -s f l; ln f d/second
    """

  /// Makes a tree, changes it, and inspects it.
  private func inspect(_ change: String, _ inheritance: Inheritance = []) throws -> String? {
    let tree = try Tree()
    try Program.shell("cd '\(tree.path)'; \(Self.make)")
    let reported = try tree.manifest().entries
    try Program.shell("cd '\(tree.path)'; \(change)")
    return try StageInspection(reported, inheritance).run(on: tree.top())
  }

  @Test func `a tree as it was reported has no difference`() throws {
    #expect(try inspect("true") == nil)
    #expect(try inspect("touch -d 2001-01-01 f; printf y > d/e/g") == nil, "content and times")
  }

  @Test(
    arguments: [
      ("touch new", "new was not reported"),
      ("mkdir new", "new was not reported"),
      ("touch d/e/$(printf 'x\\377')", "d/e/x\u{FFFD} was not reported"),
      ("rm l", "1 reported entries are missing"),
      ("rm -r d/e", "2 reported entries are missing"),
      ("printf xx > d/e/g", "d/e/g has 2 bytes, had 1"),
      ("chmod 4644 d/e/g", "d/e/g has mode 04644, had 0644"),
      ("chmod 2755 d", "d has mode 02755, had 0755"),
      ("chmod 1755 .", ". has mode 01755, had 0755"),
      ("ln -sfn /etc l", "l points to /etc, pointed to f"),
      ("rm d/e/g; ln -s /etc/passwd d/e/g", "d/e/g is a link, was a file"),
      ("rm -r d/e; ln -s /etc d/e", "d/e is a link, was a directory"),
      ("rm l; mkfifo l", "l is a special file, was a link"),
      ("ln d/e/g ../outside", "d/e/g has 2 names, of which the tree contains 1"),
      ("setfattr -n user.x -v y d/e/g", "d/e/g has the attribute user.x"),
      ("setfattr -n user.x -v y d", "d has the attribute user.x"),
      ("setfacl -m u:1:r d/e/g", "d/e/g has the attribute system.posix_acl_access"),
    ])
  func `each difference is found`(change: String, says: String) throws {
    #expect(try inspect(change) == says)
  }

  @Test func `an inherited access list is no difference`() throws {
    #expect(try inspect("setfacl -m u:1:r d/e/g", .accessList) == nil)
  }

  @Test func `links get the times that were reported`() throws {
    let tree = try Tree()
    try Program.shell("cd '\(tree.path)'; \(Self.make); touch -h -d 2001-02-03T04:05:06Z l")
    let reported = try tree.manifest().entries
    try Program.shell("cd '\(tree.path)'; touch -h l")
    #expect(try StageInspection(reported, []).run(on: tree.top()) == nil)
    #expect(try tree.top().status(of: "l").modified == FileTime(seconds: 981_173_106))
  }
}
