import Foundation
import TestSupport
import Testing

/// Stores on more than one mount, or on a mount with restrictions.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment)) struct MountTests {
  private func findings(_ run: Releases.Run) throws -> [[String: Any]] {
    try #require(try run.json["findings"] as? [[String: Any]])
  }

  @Test(arguments: [
    "mount -t tmpfs -o mode=755 x R", "mount --bind R R", "mount --bind C/staging C/staging",
    "mount --bind C/trash C/trash", "mount -t tmpfs -o mode=700 x C/staging",
    "mount --bind C/manifests C/manifests",
  ])
  func `commands that need one mount refuse a split store`(mount: String) throws {
    let store = try TestStore()
    let archive = try store.packRelease("1")
    let before = try store.fileSystemState()
    var host = PrivateHost(store)
    host.run(
      mount.replacing("C/", with: "\(store.path)/.releases/")
        .replacing(" R", with: " \(store.path)/releases"))
    for arguments in [
      ["deploy", archive], ["unpack", archive], ["unpack", archive, "-n"], ["init"],
      ["init", "-n"],
    ] {
      let run = try store.run(["--json"] + arguments, launcher: host.launcher())
      #expect(run.status == 3, "\(arguments): \(run.errors)")
      let error = try run.error
      #expect(error["code"] as? String == "unsupported", "\(arguments)")
      #expect((error["hint"] as? String)?.hasSuffix("findmnt -T \(store.path)/releases") == true)
    }
    for user in [nil, 65534] {
      let copy = "\(store.directory)/releases"
      try Program.expect(["install", "-m", "755", Releases.binary, copy])
      let check = try store.runCopy(["check", "--json"], launcher: host.launcher(as: user))
      #expect(check.status == 3, "\(check.output)")
      let problems = try findings(check).filter { $0["level"] as? String == "problem" }
        .compactMap { $0["subject"] as? String }
      #expect(problems.filter { $0 != "permission" } == ["unsupported"])
    }
    #expect(try store.fileSystemState() == before)
  }

  @Test func `init refuses a mount in place of the releases directory`() throws {
    let store = try TestStore(initialized: false)
    try Program.expect(["mkdir", "-p", "\(store.path)/releases"])
    var host = PrivateHost(store)
    host.run("mount -t tmpfs -o mode=755 x \(store.path)/releases")
    for arguments in [["init"], ["init", "-n"]] {
      let run = try store.run(["--json"] + arguments, launcher: host.launcher())
      #expect(run.status == 3, "\(run.errors)")
      #expect(try run.error["code"] as? String == "unsupported")
    }
    #expect(try store.names("") == ["releases"])
    try store.expectSuccess(["init"])
  }

  @Test func `the shared directory may be on another mount`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "shared: {directories: [logs]}\n")
    try store.write("shared/logs/x", "x")
    var host = PrivateHost(store)
    host.run("mount --bind \(store.path)/shared \(store.path)/shared")
    let check = try store.run(["check"], launcher: host.launcher())
    #expect(check.status == 0, "\(check.output)")
    #expect(check.output.contains("shared is on a mount of its own"))
    let run = try store.run(["deploy", try store.packRelease("1")], launcher: host.launcher())
    #expect(run.status == 0, "\(run.errors)")
    #expect(try store.read("current/logs/x") == "x")
    #expect(try !store.expectSuccess(["check"]).output.contains("a mount of its own"))
  }

  @Test func `a noexec mount is a problem for a hook in a release`() throws {
    let store = try TestStore()
    var host = PrivateHost(store)
    host.run("mount --bind \(store.path) \(store.path)")
    host.run("mount -o remount,bind,noexec \(store.path)")
    let warned = try store.run(["check"], launcher: host.launcher())
    #expect(warned.status == 0)
    #expect(
      warned.output.contains(
        "mounted noexec: the service and hooks can't run programs of a release\n"))
    try store.write("releases.yaml", "hooks: {activate: {run: [bin/run]}}\n")
    let check = try store.run(["check"], launcher: host.launcher())
    #expect(check.status == 3)
    #expect(check.output.contains("noexec: can't run hooks.activate (bin/run)"))
    let archive = try store.archive(["bin/run": "#!/bin/sh\n"])
    try Program.expect([
      "sh", "-ec", "cd \"${0%.tar.gz}\"; chmod +x bin/run; tar -czf \"$0\" .", archive,
    ])
    let run = try store.run(["deploy", archive], launcher: host.launcher())
    #expect(run.status != 0)
    #expect(run.errors.contains("bin/run is not executable: its file system is mounted noexec"))
    #expect(try store.run(["check"]).status == 7, "nothing is live, and nothing else is wrong")
    try store.expectSuccess(["deploy", archive])
  }

  @Test(.enabled(if: LoopDisk.isPossible, LoopDisk.comment))
  func `check reports a read-only subvolume and an immutable directory`() throws {
    let disk = try LoopDisk(.btrfs)
    let store = disk.store
    let archive = try store.packRelease("1")
    for (lock, unlock, path, code) in [
      (
        "btrfs property set -ts S ro true", "btrfs property set -ts S ro false", store.path,
        "readOnly"
      ),
      ("chattr +i S/releases", "chattr -i S/releases", "\(store.path)/releases", "permission"),
    ] {
      try Program.expect(["sh", "-ec", lock.replacing("S", with: store.path)])
      let check = try store.run(["check"])
      #expect(check.status == 3, "\(check.output)")
      #expect(check.output.contains("\(path) is "), "\(check.output)")
      let run = try store.run(["--json", "deploy", archive])
      #expect(run.status == 1, "\(run.errors)")
      #expect(try run.error["code"] as? String == code)
      try Program.expect(["sh", "-ec", unlock.replacing("S", with: store.path)])
      #expect(try store.run(["check"]).status == 0)
    }
    try store.expectSuccess(["deploy", archive])
    try store.expectConsistent()
  }

  @Test(.enabled(if: LoopDisk.isPossible, LoopDisk.comment))
  func `an exhausted quota is reported as such`() throws {
    let disk = try LoopDisk(.btrfs)
    let store = disk.store
    try Program.expect(["btrfs", "quota", "enable", store.path])
    try Program.expect(["btrfs", "quota", "rescan", "-w", store.path])
    try Program.expect(["btrfs", "qgroup", "limit", "8M", store.path])
    let before = try store.names("releases")
    let tree = "\(store.directory)/large"
    try Program.expect([
      "sh", "-ec",
      "mkdir \"$0\"; head -c 30000000 /dev/urandom > \"$0/f\"; tar -cf \"$0.tar\" -C \"$0\" .",
      tree,
    ])
    let run = try store.run(["--json", "unpack", "\(tree).tar"])
    #expect(run.status == 8, "\(run.errors)")
    let error = try run.error
    let message = try #require(error["message"] as? String)
    #expect(message.hasSuffix("disk quota exceeded"), "\(message)")
    #expect((error["cause"] as? String)?.lowercased().contains("disk quota exceeded") == true)
    #expect((error["hint"] as? String)?.contains("quota -s") == true)
    #expect(try store.names("releases") == before)
    try Program.expect(["btrfs", "qgroup", "limit", "none", store.path])
    try store.expectSuccess(["unpack", "\(tree).tar"])
    try store.expectConsistent()
  }

  @Test func `the error for a full disk says how much was free`() throws {
    let store = try TestStore()
    for (error, reason) in [
      ("EDQUOT", "disk quota exceeded"), ("ENOSPC", "were free"),
    ] {
      let run = try store.run(
        ["--json", "unpack", try store.packRelease("1")], launcher: Fault.error(error, at: "syncfs")
      )
      #expect((try run.error["message"] as? String)?.contains(reason) == true, "\(run.output)")
    }
  }
}
