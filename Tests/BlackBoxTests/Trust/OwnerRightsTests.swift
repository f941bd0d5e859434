import Foundation
import TestSupport
import Testing

/// What root's rights and secrets do not do for the owner of the store, or for other users.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct OwnerRightsTests {
  private func foreignStore(_ configuration: String) throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("releases.yaml", configuration)
    try store.changeOwner(to: ForeignUser.owner)
    return store
  }

  @Test(arguments: [["logs"], ["diagnose"], ["status"]])
  func `root's command has no group that the owner lacks`(arguments: [String]) throws {
    let store = try foreignStore("hooks: {activate: {run: 'true'}}\n")
    let log = "\(store.directory)/groups"
    _ = try store.run(
      arguments, launcher: ["strace", "-f", "-qq", "-o", log, "-e", "trace=setgroups"])
    let calls = try String(contentsOfFile: log, encoding: .utf8)
    // Each thread makes the call.
    let lines = calls.split(separator: "\n").filter { $0.contains("setgroups(") }
    #expect(!lines.isEmpty)
    #expect(lines.allSatisfy { $0.contains("setgroups(1, [\(ForeignUser.owner)]") }, "\(calls)")
  }

  @Test func `a hook of the owner does not get root's password for a proxy`() throws {
    let store = try foreignStore("hooks: {prepare: {run: 'env > $RELEASES_STORE/found'}}\n")
    let archive = try store.packRelease("2")
    let proxies = [
      "https_proxy": "http://root:secret@proxy:8080", "http_proxy": "http://proxy:8080",
    ]
    let run = try store.run(["unpack", archive], environment: proxies)
    #expect(run.status == 0, "\(run.errors)")
    let found = try store.read("found")
    #expect(!found.contains("secret") && found.contains("http_proxy=http://proxy:8080"))
  }

  @Test func `programs of the host do not start in root's directory`() throws {
    let store = try foreignStore("service: diting\n")
    let log = "\(store.directory)/directories"
    _ = try store.run(
      ["status"], launcher: ["strace", "-f", "-qq", "-o", log, "-e", "trace=chdir,execve"])
    let calls = try String(contentsOfFile: log, encoding: .utf8)
    let programs = calls.matches(of: #/execve\("[^"]*(systemctl|curl)"/#).count
    #expect(programs > 0, "\(calls)")
    #expect(calls.matches(of: #/chdir\("\/"\) += 0/#).count >= programs, "\(calls)")
  }

  @Test func `root follows no link to the directory of the textfile`() throws {
    let store = try TestStore()
    let (place, outside) = ("\(store.directory)/prometheus", "\(store.directory)/outside")
    try Program.shell(
      "mkdir '\(place)' '\(outside)'; ln -s '\(outside)' '\(place)/node-exporter'")
    try Program.expect(["chown", "-R", "-h", "\(ForeignUser.owner)", place])
    let run = try store.run(["metrics", "--textfile", "\(place)/node-exporter/x.prom"])
    #expect(run.status != 0 && run.errors.contains("readlink -e"), "\(run)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
  }

  @Test func `a switch away from a place that another user can change is refused`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/application"
    try Program.shell("mkdir '\(place)'; chown \(ForeignUser.owner) '\(place)'")
    try store.makeLink("current", to: place)
    try store.write("releases.yaml", "hooks: {activate: {run: 'true'}}\n")
    let refused = try store.expectFailure(
      ["deploy", try store.packRelease("1")], status: 3, code: "unsafeOwner")
    #expect(try (refused.error["message"] as? String)?.contains(place) == true)
    #expect(store.link("current") == place)
    try Program.expect(["chown", "0", place])
    try store.expectSuccess(["deploy", try store.packRelease("2")])
  }

  @Test func `a lock counts only if its holder is a process of the owner`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    // A member of the group, whose process has taken the lock and ended, while another has the file.
    let script = """
      import fcntl, os, sys
      file = os.open(sys.argv[1], os.O_RDONLY)
      if os.fork() == 0:
          fcntl.flock(file, fcntl.LOCK_SH)
          os._exit(0)
      os.wait()
      print("held", flush=True)
      sys.stdin.read()
      """
    let holder = try BackgroundProgram([
      "setpriv", "--reuid", "\(ForeignUser.other)", "--regid", "0", "--clear-groups",
      "/usr/bin/python3", "-c", script, "\(store.path)/.releases/lock",
    ])
    #expect(holder.firstOutput() == "held\n")
    try store.expectSuccess(["rollback", "--wait", "0s"])
    holder.end()
  }

  @Test func `no other user can open the record of a running attempt`() throws {
    let store = try TestStore()
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'stat -c %a $RELEASES_STORE/.releases/attempts/x.json >"
        + " $RELEASES_STORE/mode'}}\n")
    try store.expectSuccess(["deploy", try store.packRelease("1"), "--request", "x"])
    #expect(try store.read("mode") == "600\n")
    let record = "\(store.path)/.releases/attempts/x.json"
    #expect(try Program.expect(["stat", "-c", "%a", record]).output == "640\n")
  }

  @Test func `the history names root when no variable names the user`() throws {
    let store = try foreignStore("")
    let run = try Program.run(
      ["env", "-i", Releases.binary, "--store", store.path, "freeze", "--reason", "x"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try store.history().first?["user"] as? String == "root")
  }

  @Test func `nothing is made behind a link of another user`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "shared: {directories: [uploads/tmp/cache]}\n")
    let outside = "\(store.directory)/outside"
    try Program.shell("mkdir -m 700 '\(outside)'; mkdir -p '\(store.path)/shared/uploads'")
    try store.makeLink("shared/uploads/tmp", to: outside)
    try store.give("shared/uploads", to: ForeignUser.owner)
    let archive = try store.packRelease("1")
    let refused = try store.expectFailure(["unpack", archive], status: 3, code: "unsafeOwner")
    #expect(try refused.error["message"] as? String != nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
    // A link that the owner of the store has made may point to another disk.
    try store.give("shared/uploads", to: 0)
    try store.expectSuccess(["unpack", archive])
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["cache"])
  }

  @Test func `no switch happens below a directory of another user`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let above = store.directory
    for (change, back) in [
      ("chown \(ForeignUser.owner)", "chown 0"), ("chmod o+w", "chmod o-w"),
    ] {
      try Program.shell("\(change) '\(above)'")
      let refused = try store.expectFailure(["rollback"], status: 3, code: "unsafeOwner")
      #expect(try (refused.error["message"] as? String)?.contains(above) == true)
      #expect(try store.run(["check"]).status == 3)
      try store.expectFindings(["releaseUnsafe"])
      try Program.shell("\(back) '\(above)'")
    }
    try Program.shell("chmod 1777 '\(above)'")
    try store.expectSuccess(["rollback"])
  }

  @Test func `a command closes the directory with the lock to others`() throws {
    let store = try TestStore()
    let trash = "\(store.path)/.releases/trash"
    try Program.expect(["chmod", "755", trash])
    try store.expectSuccess(["freeze", "--reason", "x"])
    #expect(try Program.expect(["stat", "-c", "%a", trash]).output == "700\n")
  }
}
