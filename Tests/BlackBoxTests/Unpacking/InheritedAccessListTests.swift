import Foundation
import TestSupport
import Testing

/// A new release inherits the access lists that a directory made in `releases/` inherits.
@Suite(.enabled(if: User.isRoot, "only root can give directories away"))
struct InheritedAccessListTests {
  @Test(arguments: ["", "ext4", "xfs", "btrfs"])
  func `access lists are inherited without write permission`(kind: String) throws {
    let disk = try LoopDisk.Kind(rawValue: kind).flatMap {
      LoopDisk.isPossible ? try LoopDisk($0) : nil
    }
    if !kind.isEmpty, disk == nil { return }
    let store = try disk?.store ?? TestStore()
    try store.runInReleases(
      "chgrp \(TestStore.inheritedGroup) $R; chmod 2755 $R",
      "setfacl -d -m u::rwx,u:\(TestStore.otherUser):rwx,g::rwx,g:35:rw,m::rwx,o::- $R")
    try store.write(
      "releases.yaml",
      "hooks: {prepare: {run: 'umask 0; mkdir made; echo x > made/file'}}")
    for id in ["1", "2"] {
      try store.expectSuccess(["deploy", try store.permissionArchive(id), "--id", id])
    }
    let directory = [
      "user::rwx", "user:\(TestStore.otherUser):r-x", "group::r-x", "group:35:r--", "mask::r-x",
      "other::---",
    ]
    let passedOn = directory.map { "default:" + $0 }
    for name in ["2", "2/open", "2/open/deep", "2/implied"] {
      #expect(try store.accessList(of: name) == directory + passedOn, "\(name)")
      #expect(
        try store.stat("releases/\(name)", "%m %G") == "2750 \(TestStore.inheritedGroup)", "\(name)"
      )
    }
    #expect(
      try store.accessList(of: "2/open/deep/file")
        == directory.map { $0 == "mask::r-x" ? "mask::r--" : $0.replacing("::rwx", with: "::rw-") })
    #expect(try store.accessList(of: "2/open/run") == directory)
    // Files of the hook inherit the list as well, although its umask permits more.
    #expect(try store.accessList(of: "2/made") == directory + passedOn)
    #expect(try store.stat("releases/2/made/file", "%m") == "640")
    let manifest = try store.read(".releases/manifests/2.mtree")
    #expect(manifest.contains("./open type=dir mode=02750\n"))
    #expect(manifest.contains("./open/run type=file mode=0750 "))
    try store.expectSuccess(["rollback"])
    try store.expectOnlyWhole("1", "2")
  }

  @Test func `an access list without write permission is inherited unchanged`() throws {
    let store = try TestStore()
    try store.runInReleases("setfacl -d -m u:\(TestStore.otherUser):r-x,o::- $R")
    try store.expectSuccess(["unpack", try store.permissionArchive("1"), "--id", "1"])
    try store.runInReleases("mkdir $R/hand")
    #expect(try store.accessList(of: "1") == store.accessList(of: "hand"))
    try store.runInReleases("rmdir $R/hand")
    try store.expectOnlyWhole("1")
  }

  @Test func `permissions of the staging directory are not inherited`() throws {
    let store = try TestStore()
    let staging = "\(store.path)/.releases/staging"
    try store.runInReleases(
      "chgrp 35 \(staging); chmod g+s \(staging); setfacl -d -m u:34:r-x,o::- \(staging)",
      "mkdir $R/hand")
    try store.expectSuccess(["unpack", try store.permissionArchive("1"), "--id", "1"])
    #expect(try store.accessList(of: "1") == store.accessList(of: "hand"))
    #expect(try store.stat("releases/1/open", "%m %G") == "755 0")
    try store.runInReleases("rmdir $R/hand")
    try store.expectOnlyWhole("1")
  }

  @Test func `files with other access lists are not linked`() throws {
    let store = try TestStore()
    try store.setSharing("hardlink")
    try store.expectSuccess(["unpack", try store.permissionArchive("1"), "--id", "1"])
    try store.runInReleases("setfacl -d -m u:\(TestStore.otherUser):r-x $R")
    for id in ["2", "3"] {
      try store.expectSuccess(["unpack", try store.permissionArchive(id), "--id", id])
    }
    let inodes = try ["1", "2", "3"].map { try store.stat("releases/\($0)/open/deep/file", "%i") }
    #expect(inodes[0] != inodes[1] && inodes[1] == inodes[2], "\(inodes)")
    #expect(
      try store.accessList(of: "3/open/deep/file").contains("user:\(TestStore.otherUser):r-x"))
    try store.expectOnlyWhole("1", "2", "3")
  }

  @Test(arguments: ["chmod g+s $R", "setfacl -d -m u:34:rwx $R"])
  func `recovery removes what a killed unpack left in releases`(list: String) throws {
    let store = try TestStore()
    try store.publish("1")
    try store.runInReleases(list)
    let arguments = ["unpack", try store.permissionArchive("2"), "--id", "2"]
    let probe = try Strace.watch(arguments, in: store)
    #expect(probe.run.status == 0)
    try store.expectSuccess(["remove", "2", "--force"])
    let making = probe.calls.filter { $0.text.contains(".tree.") }
    #expect(making.map(\.name) == ["mkdirat", list.hasPrefix("chmod") ? "renameat2" : "unlinkat"])
    let first = try #require(probe.calls.firstIndex { $0.text.contains(".tree.") })
    for call in probe.calls[first...].prefix(4) {
      for repair in [["recover"], ["pin", "1", "--reason", "x"]] {
        let run = try store.run(arguments, launcher: Strace.killing(at: call))
        #expect(run.status == 128 + SIGKILL, "\(call)")
        let strays = try store.run(["list", "--json"]).json["strays"] as? [String]
        #expect(strays == [], "\(call)")
        try store.expectSuccess(repair)
        #expect(try store.names("releases") == ["1"], "\(call)")
        try store.expectConsistent()
      }
    }
    for call in making {
      let run = try store.run(["--json"] + arguments, launcher: Strace.failing(call, with: "EIO"))
      #expect(run.status == 1, "\(call): \(run.errors)")
      #expect(try store.names("releases") == ["1"], "\(call)")
      try store.expectConsistent()
    }
  }

  @Test func `recovery after a boot removes the directory of a lost stage`() throws {
    let store = try TestStore()
    try store.publish("1")
    let lost = ".tree.0f3c2a1b-6f1c-11ee-9a3b-0123456789ab-0123abcd"
    try store.runInReleases("mkdir $R/\(lost) $R/.tree.my-deadbeef")
    try store.expectSuccess(["recover"])
    #expect(try store.names("releases").count == 3, "a stage of this boot may be in use")
    try store.reseal(".releases/lock") {
      $0.replacing(#/"bootID":"[^"]*"/#, with: #""bootID":"another""#)
    }
    try store.expectSuccess(["recover"])
    #expect(
      try store.names("releases") == [".tree.my-deadbeef", "1"],
      "the other directory is not a temporary one")
  }
}
