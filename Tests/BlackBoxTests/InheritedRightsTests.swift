import Foundation
import Testing

/// A new release has the same group, access lists and bits as a directory made by hand in
/// `releases/`.
@Suite(.enabled(if: User.isRoot, "only root can give directories away")) struct InheritedRightsTests
{
  /// A group that no user of the store is a member of.
  private static let group = 33
  private static let user = 34

  /// Packs directories and files of many modes; one directory is only implied.
  private func archive(_ store: TestStore, _ id: String, top: String = "755") throws -> String {
    let tree = "\(store.directory)/rights"
    let script = """
      rm -rf "$0"; mkdir -p "$0/open/deep" "$0/closed" "$0/implied"
      echo \(id) > "$0/VERSION"; echo same > "$0/open/deep/file"; echo c > "$0/closed/file"
      echo i > "$0/implied/file"; echo '#!/bin/sh' > "$0/open/run"; ln -s VERSION "$0/link"
      ln "$0/open/run" "$0/open/again"
      chmod 777 "$0/open"; chmod 750 "$0/closed"; chmod 775 "$0/open/run"; chmod 640 "$0/closed/file"
      chmod \(top) "$0"
      tar -cf "$0.tar" -C "$0" --no-recursion . ./open ./open/deep ./closed ./VERSION ./link \
        ./open/deep/file ./closed/file ./implied/file ./open/run ./open/again
      """
    try Program.expect(["sh", "-ec", script, tree])
    return "\(tree).tar"
  }

  private func modes(_ store: TestStore, _ id: String) throws -> [String] {
    try Program.expect([
      "find", "\(store.path)/releases/\(id)", "-not", "-type", "l", "-printf", "%P %g %m\n",
    ]).lines.sorted()
  }

  private func passOn(_ store: TestStore, _ commands: String...) throws {
    for command in commands {
      try Program.expect(["sh", "-ec", command.replacing("R", with: "\(store.path)/releases")])
    }
  }

  private func expectWhole(_ store: TestStore, _ ids: String...) throws {
    for id in ids {
      let verified = try store.run(["verify", id, "--strict"])
      #expect(verified.status == 0, "\(verified.output)")
    }
    try store.expectSettled()
    #expect(try store.names("releases") == ids)
  }

  private static let withGroup = [
    " www-data 2755", "VERSION www-data 644", "closed www-data 2750", "closed/file www-data 640",
    "implied www-data 2755", "implied/file www-data 644", "open www-data 2755",
    "open/again www-data 755", "open/deep www-data 2755", "open/deep/file www-data 644",
    "open/run www-data 755",
  ]

  @Test(arguments: ["022", "077"])
  func `a release inherits the group and its bit, whatever the umask is`(mask: String) throws {
    let store = try TestStore()
    try passOn(store, "chgrp \(Self.group) R; chmod 2755 R")
    for id in ["1", "2"] {
      let archive = try archive(store, id)
      let run = try store.run(
        ["deploy", archive, "--id", id],
        launcher: ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try modes(store, id) == Self.withGroup)
    }
    let manifest = try store.read(".releases/manifests/2.mtree").split(separator: "\n")
    #expect(manifest[1] == ". type=dir mode=02755")
    #expect(manifest.contains("./closed type=dir mode=02750"))
    #expect(manifest.contains { $0.hasPrefix("./open/run type=file mode=0755 ") })
    try store.expectDone(["rollback"])
    try expectWhole(store, "1", "2")
  }

  @Test func `a release of an owner outside the group inherits the same`() throws {
    let store = try TestStore()
    try store.give(to: Self.user)
    try passOn(store, "chgrp \(Self.group) R; chmod 2755 R")
    for (id, mask) in [("1", "022"), ("2", "077")] {
      let archive = try archive(store, id)
      let run = try store.runCopy(
        ["deploy", archive, "--id", id],
        launcher: ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try modes(store, id) == Self.withGroup)
      #expect(try store.stat("releases/\(id)/open/deep/file", "%U") == "\(Self.user)")
    }
    try store.expectDone(["rollback"])
    try expectWhole(store, "1", "2")
  }

  @Test func `the manifest records that the kernel cleared a bit`() throws {
    let store = try TestStore()
    try store.give(to: Self.user)
    try passOn(store, "chgrp \(Self.group) R; chmod 2755 R")
    // Closing the top takes a chmod, which clears the bit where the owner is not in the group.
    try store.expectDone(["deploy", try archive(store, "1", top: "700"), "--id", "1"])
    #expect(try modes(store, "1").first == " www-data 700")
    #expect(try store.read(".releases/manifests/1.mtree").contains("\n. type=dir mode=0700\n"))
    try expectWhole(store, "1")
  }

  @Test func `a release in a plain store has only the archive's permissions`() throws {
    let store = try TestStore()
    let before = try store.stat("releases", "%T@")
    try store.expectFailure(["unpack", "/dev/null", "--id", "1"], status: 6)
    #expect(try store.stat("releases", "%T@") == before, "a failure leaves no trace")
    try store.expectDone(["unpack", try archive(store, "1"), "--id", "1"])
    let plain = Self.withGroup.map { $0.replacing("www-data 2", with: "root ") }
      .map { $0.replacing("www-data", with: "root") }
    #expect(try modes(store, "1") == plain)
    try expectWhole(store, "1")
  }

  private func list(_ store: TestStore, _ name: String) throws -> [String] {
    try Program.expect(["getfacl", "-cnE", "\(store.path)/releases/\(name)"]).lines
  }

  @Test(arguments: ["", "ext4", "xfs", "btrfs"])
  func `access lists are inherited, without the right to write`(kind: String) throws {
    let disk = try LoopDisk.Kind(rawValue: kind).flatMap {
      LoopDisk.isPossible ? try LoopDisk($0) : nil
    }
    if !kind.isEmpty, disk == nil { return }
    let store = try disk?.store ?? TestStore()
    try passOn(
      store, "chgrp \(Self.group) R; chmod 2755 R",
      "setfacl -d -m u::rwx,u:\(Self.user):rwx,g::rwx,g:35:rw,m::rwx,o::- R")
    try store.write(
      "releases.yaml",
      "hooks: {prepare: {run: 'umask 0; mkdir made; echo x > made/file'}}")
    for id in ["1", "2"] {
      try store.expectDone(["deploy", try archive(store, id), "--id", id])
    }
    let directory = [
      "user::rwx", "user:\(Self.user):r-x", "group::r-x", "group:35:r--", "mask::r-x", "other::---",
    ]
    let passedOn = directory.map { "default:" + $0 }
    for name in ["2", "2/open", "2/open/deep", "2/implied"] {
      #expect(try list(store, name) == directory + passedOn, "\(name)")
      #expect(try store.stat("releases/\(name)", "%m %G") == "2750 \(Self.group)", "\(name)")
    }
    #expect(
      try list(store, "2/open/deep/file")
        == directory.map { $0 == "mask::r-x" ? "mask::r--" : $0.replacing("::rwx", with: "::rw-") })
    #expect(try list(store, "2/open/run") == directory)
    // The hook's own files inherit the list too, although the hook asked for more.
    #expect(try list(store, "2/made") == directory + passedOn)
    #expect(try store.stat("releases/2/made/file", "%m") == "640")
    let manifest = try store.read(".releases/manifests/2.mtree")
    #expect(manifest.contains("./open type=dir mode=02750\n"))
    #expect(manifest.contains("./open/run type=file mode=0750 "))
    try store.expectDone(["rollback"])
    try expectWhole(store, "1", "2")
  }

  @Test func `a list without the right to write is inherited unchanged`() throws {
    let store = try TestStore()
    try passOn(store, "setfacl -d -m u:\(Self.user):r-x,o::- R")
    try store.expectDone(["unpack", try archive(store, "1"), "--id", "1"])
    try passOn(store, "mkdir R/hand")
    #expect(try list(store, "1") == list(store, "hand"))
    try passOn(store, "rmdir R/hand")
    try expectWhole(store, "1")
  }

  @Test func `what the stages pass on has no effect`() throws {
    let store = try TestStore()
    let staging = "\(store.path)/.releases/staging"
    try passOn(
      store, "chgrp 35 \(staging); chmod g+s \(staging); setfacl -d -m u:34:r-x,o::- \(staging)",
      "mkdir R/hand")
    try store.expectDone(["unpack", try archive(store, "1"), "--id", "1"])
    #expect(try list(store, "1") == list(store, "hand"))
    #expect(try store.stat("releases/1/open", "%m %G") == "755 0")
    try passOn(store, "rmdir R/hand")
    try expectWhole(store, "1")
  }

  @Test func `files with other access lists are not linked`() throws {
    let store = try TestStore()
    try store.share("hardlink")
    try store.expectDone(["unpack", try archive(store, "1"), "--id", "1"])
    try passOn(store, "setfacl -d -m u:\(Self.user):r-x R")
    for id in ["2", "3"] { try store.expectDone(["unpack", try archive(store, id), "--id", id]) }
    let inodes = try ["1", "2", "3"].map { try store.stat("releases/\($0)/open/deep/file", "%i") }
    #expect(inodes[0] != inodes[1] && inodes[1] == inodes[2], "\(inodes)")
    #expect(try list(store, "3/open/deep/file").contains("user:\(Self.user):r-x"))
    try expectWhole(store, "1", "2", "3")
  }

  @Test(arguments: ["chmod g+s R", "setfacl -d -m u:34:rwx R"])
  func `recovery removes what a kill left in releases`(list: String) throws {
    let store = try TestStore()
    try store.publish("1")
    try passOn(store, list)
    let arguments = ["unpack", try archive(store, "2"), "--id", "2"]
    let probe = try Strace.watch(arguments, in: store)
    #expect(probe.run.status == 0)
    try store.expectDone(["remove", "2", "--force"])
    let making = probe.calls.filter { $0.text.contains(".tree.") }
    #expect(making.map(\.name) == ["mkdirat", list.hasPrefix("chmod") ? "renameat2" : "unlinkat"])
    let first = try #require(probe.calls.firstIndex { $0.text.contains(".tree.") })
    for call in probe.calls[first...].prefix(4) {
      for repair in [["recover"], ["pin", "1", "--reason", "x"]] {
        let run = try store.run(arguments, launcher: Strace.killing(at: call))
        #expect(run.status == 128 + SIGKILL, "\(call)")
        let strays = try store.run(["list", "--json"]).json["strays"] as? [String]
        #expect(strays == [], "\(call)")
        try store.expectDone(repair)
        #expect(try store.names("releases") == ["1"], "\(call)")
        try store.expectSettled()
      }
    }
    for call in making {
      let run = try store.run(["--json"] + arguments, launcher: Strace.failing(call, with: "EIO"))
      #expect(run.status == 1, "\(call): \(run.errors)")
      #expect(try store.names("releases") == ["1"], "\(call)")
      try store.expectSettled()
    }
  }

  @Test func `recovery after a boot removes a top whose stage a power failure lost`() throws {
    let store = try TestStore()
    try store.publish("1")
    let lost = ".tree.0f3c2a1b-6f1c-11ee-9a3b-0123456789ab-0123abcd"
    try passOn(store, "mkdir R/\(lost) R/.tree.my-deadbeef")
    try store.expectDone(["recover"])
    #expect(try store.names("releases").count == 3, "nothing was lost since this boot")
    try store.reseal(".releases/lock") {
      $0.replacing(#/"bootID":"[^"]*"/#, with: #""bootID":"another""#)
    }
    try store.expectDone(["recover"])
    #expect(try store.names("releases") == [".tree.my-deadbeef", "1"], "the other is not ours")
  }
}
