import Foundation
import TestSupport
import Testing

/// Rights, file systems and standard streams that the host restricts or takes away.
@Suite struct HostRestrictionTests {
  @Test(.enabled(if: User.isRoot, "only root can become another user"))
  func `another user can read a store and change nothing`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let before = try store.fileSystemState()
    for arguments in [["list"], ["status"], ["history"], ["verify", "--all"]] {
      let run = try store.runAsNobody(arguments)
      // That status can't compare the links with the journal is a note.
      #expect(run.status == 0, "\(run)")
    }
    let archive = try store.archive(["VERSION": "3"])
    for arguments in [
      ["rollback"], ["activate", "1"], ["unpack", archive], ["pin", "1", "--reason", "x"],
      ["prune"], ["recover"], ["init"], ["freeze", "--reason", "x"], ["remove", "1", "--force"],
    ] {
      let run = try store.runAsNobody(arguments)
      #expect(run.status == 1, "\(arguments): \(run.errors)")
      if arguments == ["init"] {
        #expect(run.errors.contains("permission denied") && run.errors.contains(store.path))
        continue
      }
      #expect(
        run.errors.contains("error: only root, the owner of \(store.path), may change it\n"),
        "\(run.errors)")
      let line = ([store.path] + arguments).joined(separator: " ")
      #expect(
        run.errors.contains("hint: run it as that user:\n  sudo releases --store \(line)\n"),
        "\(run.errors)")
    }
    for arguments in [["status"], ["check"], ["recover", "--dry-run"]] {
      let run = try store.runAsNobody(arguments)
      let output = run.output + run.errors
      #expect(
        output.contains(#/only (by its|the) owner/#) && output.contains("sudo"),
        "the journal: \(output)")
      #expect(
        !output.contains("create") && !output.contains("rebuild") && !output.contains("corrupt"),
        "nothing is corrupt: \(output)")
    }
    #expect(before == (try store.fileSystemState()))
    _ = try Program.run(["chmod", "700", store.path])
    let run = try store.runAsNobody(["list"])
    #expect(run.status == 1)
    #expect(run.errors.contains(store.path) && run.errors.contains("hint:"), "\(run.errors)")
    try store.expectSuccess(["rollback"])
  }

  @Test(.enabled(if: User.isRoot, "only root can become another user"))
  func `an archive that cannot be read is an input error`() throws {
    let store = try TestStore()
    _ = try Program.run(["chown", "-R", "65534:65534", store.path])
    let archive = try store.archive(["VERSION": "1"])
    _ = try Program.run(["chmod", "600", archive])
    let before = try store.fileSystemState()
    let run = try store.runAsNobody(["unpack", archive])
    #expect(run.status == 1)
    #expect(run.errors.contains(archive) && run.errors.contains("hint:"))
    let directory = try store.expectFailure(["unpack", store.directory], status: 1, code: "input")
    #expect(directory.errors.contains("is a directory") && directory.errors.contains("hint:"))
    #expect(before == (try store.fileSystemState()))
    try store.expectSuccess(["unpack", archive])
  }

  @Test(.enabled(if: User.isRoot, "only root can become another user"))
  func `root leaves only files of the store's owner`() throws {
    let store = try TestStore()
    _ = try Program.run(["chown", "-R", "65534:65534", store.path])
    try store.publishAndActivate(["1", "2", "3"])
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    try store.expectSuccess(["freeze", "--reason", "x"])
    try store.expectSuccess(["init"])
    let others = try Program.run([
      "find", store.path, "(", "!", "-uid", "65534", "-o", "!", "-gid", "65534", ")",
    ])
    #expect(others.output == "", "the owner can change every file")
    let thaw = try store.runAsNobody(["thaw"])
    #expect(thaw.status == 0, "\(thaw.errors)")
  }

  @Test(.enabled(if: User.isRoot, "only root can mount"))
  func `a read-only file system allows only commands that read`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let archive = try store.archive(["VERSION": "3"])
    let before = try store.fileSystemState()
    // The mount is in a namespace of its own and ends with the process.
    let launcher = [
      "unshare", "--mount", "sh", "-c",
      "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"", store.path,
    ]
    for arguments in [["list"], ["status"], ["history"], ["verify", "--all"], ["prune", "-n"]] {
      let run = try store.run(arguments, launcher: launcher)
      #expect(run.status == (arguments == ["status"] ? 7 : 0), "\(run.errors)")
    }
    for arguments in [
      ["rollback"], ["unpack", archive], ["pin", "1", "--reason", "x"], ["prune"], ["recover"],
      ["remove", "1", "--force"], ["init"],
    ] {
      let run = try store.run(["--json"] + arguments, launcher: launcher)
      let error = try run.json["error"] as? [String: Any]
      #expect(run.status == 1, "\(arguments): \(run.errors)")
      #expect(error?["code"] as? String == "readOnly", "\(arguments): \(run.errors)")
      #expect((error?["hint"] as? String)?.contains("mount") == true)
    }
    #expect(try store.run(["check"], launcher: launcher).output.contains("mounted read-only"))
    #expect(before == (try store.fileSystemState()))
    try store.expectSuccess(["rollback"])
  }

  @Test func `a closed output pipe does not fail a command`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    for arguments in [["list"], ["help"], ["rollback"]] {
      let run = try shell("set -o pipefail; \"$@\" | true", store, arguments)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors == "")
    }
    #expect(store.current == "1", "the rollback is done")
  }

  @Test func `a command fails if its result is lost and it changed nothing`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    for redirection in [">/dev/full", ">&-"] {
      let list = try shell("\"$@\" \(redirection)", store, ["list"])
      #expect(list.status == 1, "\(redirection): \(list.errors)")
      #expect(list.errors.contains("can't write the result"), "\(list.errors)")
      let pin = try shell("\"$@\" \(redirection)", store, ["pin", "1", "--reason", "x"])
      #expect(pin.status == 0, "the pin is done: \(pin.errors)")
      #expect(try store.releases()["1"]?["pinned"] as? Bool == true)
      try store.expectSuccess(["unpin", "1"])
    }
  }

  @Test func `output to a closed standard stream is never written into the store`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let archive = try store.archive(["VERSION": "3"])
    for (redirection, status) in [("<&- >&- 2>&-", 0), (">&- 2>&-", 0), ("2>&-", 0)] {
      for arguments in [["unpack", archive], ["list"], ["activate", "9"], ["recover"]] {
        _ = try shell("\"$@\" \(redirection)", store, arguments)
      }
      let run = try shell("\"$@\" \(redirection)", store, ["pin", "1", "--reason", "x"])
      #expect(run.status == status)
      try store.expectConsistent()
      let journal = try store.expectSuccess(["check"]).output
      #expect(journal.contains("journal: no command was interrupted"), "\(journal)")
      #expect(!journal.contains("corrupt"), "\(journal)")
    }
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
  }

  private func shell(
    _ script: String, _ store: TestStore, _ arguments: [String]
  ) throws -> Releases.Run {
    try store.run(arguments, launcher: ["bash", "-c", script, "bash"])
  }
}
