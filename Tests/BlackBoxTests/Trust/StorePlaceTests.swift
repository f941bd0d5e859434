import Foundation
import TestSupport
import Testing

/// Who can replace a directory above a store decides what its hooks run.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct StorePlaceTests {
  private let store: TestStore
  private var place: String { store.directory }

  /// A store of root where 2 is live and 1 was live before, and the directory above it.
  init() throws {
    store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try Program.expect(["chmod", "755", store.directory])
  }

  private func expectRefusal(sourceLocation: SourceLocation = #_sourceLocation) throws {
    for arguments in [["rollback"], ["activate", "1", "--force"], ["activate", "1", "--dry-run"]] {
      let run = try store.expectFailure(
        arguments, status: 3, code: "unsafeOwner", sourceLocation: sourceLocation)
      let message = try #require(try run.error["message"] as? String)
      #expect(message.contains("\(place)"), "\(message)", sourceLocation: sourceLocation)
    }
    #expect(store.current == "2", sourceLocation: sourceLocation)
    #expect(try store.run(["check"]).status == 3, sourceLocation: sourceLocation)
  }

  @Test(arguments: [65534, ForeignUser.other])
  func `a store below a directory of another user is refused`(user: Int) throws {
    try Program.expect(["chown", "\(user)", place])
    try expectRefusal()
    try Program.expect(["chown", "0", place])
    try store.expectSuccess(["rollback"])
  }

  @Test(arguments: ["0775", "2775", "0757", "0777"])
  func `a store below a directory that others can write to is refused`(mode: String) throws {
    try Program.expect(["chgrp", "\(ForeignUser.other)", place])
    try Program.expect(["chmod", mode, place])
    try expectRefusal()
    let hint = try #require(try store.run(["rollback"]).hintCommand)
    #expect(hint == "chmod go-w \(place)")
    try Releases.paste(hint)
    try store.expectSuccess(["rollback"])
  }

  @Test(arguments: ["user:\(ForeignUser.other):rwx", "group:\(ForeignUser.other):-wx"])
  func `a store below a directory whose access list permits others is refused`(
    entry: String
  ) throws {
    try Program.expect(["setfacl", "-m", entry, place])
    try expectRefusal()
    // The permission of the group is the mask of the list.
    try Releases.paste(try #require(try store.run(["rollback"]).hintCommand))
    try store.expectSuccess(["rollback"])
  }

  @Test func `a release whose access list permits another user is refused`() throws {
    let release = "\(store.path)/releases/1"
    try Program.expect(["setfacl", "-m", "user:\(ForeignUser.other):rwx", release])
    try store.expectFailure(["rollback"], status: 3, code: "unsafeOwner")
    try store.expectFindings(["rollbackNotWhole", "releaseUnsafe"])
    try Program.expect(["setfacl", "-m", "user:\(ForeignUser.other):r-x", release])
    try Program.expect(["chmod", "g-w", release])
    try store.expectSuccess(["rollback"])
  }

  @Test(arguments: ["1777", "1775"])
  func `a sticky directory above a store is accepted`(mode: String) throws {
    try Program.expect(["chgrp", "\(ForeignUser.other)", place])
    try Program.expect(["chmod", mode, place])
    try store.expectSuccess(["rollback"])
  }

  @Test(.enabled(if: PrivateHost.isPossible, PrivateHost.comment))
  func `the private group of the owner may write above the store`() throws {
    let owner = ForeignUser.owner
    try store.changeOwner(to: owner)
    try Program.expect(["chgrp", "\(owner)", place])
    try Program.expect(["chmod", "775", place])
    try store.expectFailure(["rollback"], status: 3, code: "unsafeOwner")
    var host = PrivateHost(store)
    try host.append("owner:x:\(owner):\(owner)::/:/bin/sh", to: "/etc/passwd")
    try host.append("owner:x:\(owner):", to: "/etc/group")
    let run = try store.run(["rollback"], launcher: host.launcher())
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func `in a user namespace, a directory whose owner has no number is accepted`() throws {
    let launcher = ["unshare", "--user", "--map-root-user", "--"]
    guard try Program.run(launcher + ["true"]).status == 0 else { return }
    try Program.expect(["chown", "\(ForeignUser.other)", place])
    let run = try store.run(["rollback"], launcher: launcher)
    #expect(run.status == 0, "\(run.errors)")
    try Program.expect(["chmod", "757", place])
    #expect(try store.run(["activate", "2"], launcher: launcher).status == 3)
  }
}
