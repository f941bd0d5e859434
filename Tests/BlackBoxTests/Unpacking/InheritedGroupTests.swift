import Foundation
import TestSupport
import Testing

/// A new release inherits the group and the set-group-ID bit of `releases/`.
@Suite(.enabled(if: User.isRoot, "only root can give directories away")) struct InheritedGroupTests
{
  private static let withGroup = [
    " www-data 2755", "VERSION www-data 644", "closed www-data 2750", "closed/file www-data 640",
    "implied www-data 2755", "implied/file www-data 644", "open www-data 2755",
    "open/again www-data 755", "open/deep www-data 2755", "open/deep/file www-data 644",
    "open/run www-data 755",
  ]

  @Test(arguments: ["022", "077"])
  func `a release inherits the group and its bit, whatever the umask is`(mask: String) throws {
    let store = try TestStore()
    try store.runInReleases("chgrp \(TestStore.inheritedGroup) $R; chmod 2755 $R")
    for id in ["1", "2"] {
      let archive = try store.permissionArchive(id)
      let run = try store.run(
        ["deploy", archive, "--id", id],
        launcher: ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try store.modes(of: id) == Self.withGroup)
    }
    let manifest = try store.read(".releases/manifests/2.mtree").split(separator: "\n")
    #expect(manifest[1] == ". type=dir mode=02755")
    #expect(manifest.contains("./closed type=dir mode=02750"))
    #expect(manifest.contains { $0.hasPrefix("./open/run type=file mode=0755 ") })
    try store.expectSuccess(["rollback"])
    try store.expectOnlyWhole("1", "2")
  }

  @Test func `a release whose owner is not in the group inherits the group and its bit`() throws {
    let store = try TestStore()
    try store.changeOwner(to: TestStore.otherUser)
    try store.runInReleases("chgrp \(TestStore.inheritedGroup) $R; chmod 2755 $R")
    for (id, mask) in [("1", "022"), ("2", "077")] {
      let archive = try store.permissionArchive(id)
      let run = try store.runCopy(
        ["deploy", archive, "--id", id],
        launcher: ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try store.modes(of: id) == Self.withGroup)
      #expect(try store.stat("releases/\(id)/open/deep/file", "%U") == "\(TestStore.otherUser)")
    }
    try store.expectSuccess(["rollback"])
    try store.expectOnlyWhole("1", "2")
  }

  @Test func `the manifest records that the kernel cleared a bit`() throws {
    let store = try TestStore()
    try store.changeOwner(to: TestStore.otherUser)
    try store.runInReleases("chgrp \(TestStore.inheritedGroup) $R; chmod 2755 $R")
    // The restrictive mode takes a chmod, which clears the bit when the owner is not in the group.
    try store.expectSuccess(["deploy", try store.permissionArchive("1", top: "700"), "--id", "1"])
    #expect(try store.modes(of: "1").first == " www-data 700")
    #expect(try store.read(".releases/manifests/1.mtree").contains("\n. type=dir mode=0700\n"))
    try store.expectOnlyWhole("1")
  }

  @Test func `a release in a plain store has only the archive's permissions`() throws {
    let store = try TestStore()
    let before = try store.stat("releases", "%T@")
    try store.expectFailure(["unpack", "/dev/null", "--id", "1"], status: 6)
    #expect(try store.stat("releases", "%T@") == before, "a failure leaves no trace")
    try store.expectSuccess(["unpack", try store.permissionArchive("1"), "--id", "1"])
    let plain = Self.withGroup.map { $0.replacing("www-data 2", with: "root ") }
      .map { $0.replacing("www-data", with: "root") }
    #expect(try store.modes(of: "1") == plain)
    try store.expectOnlyWhole("1")
  }
}
