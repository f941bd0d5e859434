import Foundation
import TestSupport
import Testing

/// What decides what runs must belong to the store's owner or to root.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct ForeignOwnerTests {
  private let store: TestStore

  /// A store of root where 2 is live and 1 was live before. Its hook records that it ran.
  init() throws {
    store = try TestStore()
    for id in ["1", "2"] {
      let archive = try store.archive(
        ["VERSION": id, "bin/hook": "#!/bin/sh\nid -u >> $RELEASES_STORE/ran\n"],
        executable: ["bin/hook"])
      try store.expectSuccess(["deploy", archive, "--id", id])
    }
    try store.write("releases.yaml", "hooks: {activate: {run: './bin/hook'}}\n")
  }

  private func expectRefusal(
    _ arguments: [String], about name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try store.expectFailure(
      arguments, status: 3, code: "unsafeOwner", sourceLocation: sourceLocation)
    #expect(
      try run.error["message"] as? String == "\(name) belongs to user \(ForeignUser.owner), "
        + "neither the store's owner nor root", sourceLocation: sourceLocation)
    #expect(!store.exists("ran"), sourceLocation: sourceLocation)
  }

  @Test func `no switch goes to a release of another user`() throws {
    try store.give("releases/1", to: ForeignUser.owner)
    let place = "\(store.path)/releases/1"
    for arguments in [["rollback"], ["activate", "1"], ["activate", "1", "--force"]] {
      try expectRefusal(arguments, about: place)
    }
    #expect(store.current == "2")
    try store.expectFindings(["rollbackNotWhole", "releaseUnsafe"])
    #expect(try store.run(["check"]).status == 3)
    let hint = try #require(try store.run(["rollback"]).hintCommand)
    #expect(hint == "chown -R 0 \(place)")
    try Releases.paste(hint)
    try store.expectFindings([])
    try store.expectSuccess(["rollback"])
    #expect(try store.read("ran") == "0\n")
  }

  @Test func `the hook of a live release of another user does not run`() throws {
    try store.give("releases/2", to: ForeignUser.owner)
    try expectRefusal(["restart"], about: "\(store.path)/releases/2")
    #expect(try store.status().findings.first?.code == "releaseUnsafe")
  }

  @Test func `a store whose releases belong to another user is refused`() throws {
    try Program.expect(["chown", "\(ForeignUser.owner)", "\(store.path)/releases"])
    for arguments in [["status"], ["activate", "1"], ["init"], ["prune"]] {
      try expectRefusal(arguments, about: "\(store.path)/releases")
    }
    #expect(try store.run(["check"]).status == 3)
  }

  @Test(arguments: [
    ("bin/hook", "./bin/hook", "releases/1/bin/hook"), ("bin", "./bin/hook", "releases/1/bin"),
    ("bin/hook", "true && bin/hook now", "releases/1/bin/hook"),
    ("bin/hook", "sh $RELEASES_PATH/bin/hook", "releases/1/bin/hook"),
    ("bin/hook", "\"$RELEASES_STORE/current/bin/hook\"", "releases/1/bin/hook"),
  ])
  func `a hook that another user can change does not run`(
    given: String, line: String, named: String
  ) throws {
    try store.write("releases.yaml", "hooks: {activate: {run: '\(line)'}}\n")
    try Program.expect(["chown", "\(ForeignUser.owner)", "\(store.path)/releases/1/\(given)"])
    let run = try store.expectFailure(["activate", "1"], status: 3, code: "unsafeOwner")
    #expect((try run.error["message"] as? String)?.contains("/\(named) belongs to user") == true)
    #expect(!store.exists("ran"))
    try Program.expect(["chown", "0", "\(store.path)/releases/1/\(given)"])
    try Program.expect(["chmod", "o+w", "\(store.path)/releases/1/\(given)"])
    try store.expectFailure(["activate", "1"], status: 3, code: "unsafeOwner")
    #expect(!store.exists("ran"))
  }

  @Test func `a hook in the store that another user can change does not run`() throws {
    try store.write("hook.sh", "id -u >> $RELEASES_STORE/ran\n")
    try store.write("releases.yaml", "hooks: {prepare: {run: [sh, '\(store.path)/hook.sh']}}\n")
    try Program.expect(["chown", "\(ForeignUser.owner)", "\(store.path)/hook.sh"])
    let run = try store.expectFailure(
      ["unpack", try store.packRelease("3"), "--id", "3"], status: 1, code: "prepareFailed")
    #expect((try run.error["message"] as? String)?.contains("hook.sh belongs to user") == true)
    #expect(!store.exists("ran"))
  }

  @Test func `data of another user in a release prevents no switch`() throws {
    try Program.expect(["chown", "\(ForeignUser.owner)", "\(store.path)/releases/1/VERSION"])
    try store.write(
      "releases.yaml", "hooks: {activate: {run: 'cat VERSION > $RELEASES_STORE/ran'}}\n")
    try store.expectSuccess(["activate", "1"])
    #expect(try store.read("ran") == "1")
  }

  @Test func `a shared file that another user can change prevents a switch`() throws {
    try store.write("shared/config/app.yaml", "x")
    try store.write("releases.yaml", "shared: {files: [config/app.yaml]}\n")
    try store.give("shared/config/app.yaml", to: ForeignUser.owner)
    try expectRefusal(["activate", "1"], about: "\(store.path)/shared/config/app.yaml")
    try store.expectFindings(["sharedUnsafe"])
    try store.follow("sharedUnsafe", until: [])
    try Program.expect(["chmod", "666", "\(store.path)/shared/config/app.yaml"])
    try store.follow("sharedUnsafe", until: [])
    try store.expectSuccess(["activate", "1"])
  }

  @Test func `an adopted release of another user is listed and not run`() throws {
    try store.write("releases/1762147685/bin/hook", "#!/bin/sh\nid -u >> $RELEASES_STORE/ran\n")
    try Program.expect(["chmod", "755", "\(store.path)/releases/1762147685/bin/hook"])
    try store.give("releases/1762147685", to: ForeignUser.owner)
    try store.expectSuccess(["init"])
    #expect(try store.ids().contains("1762147685"))
    try store.expectFindings(["releaseUnsafe"])
    try store.run(["mark", "1762147685", "good"])
    try expectRefusal(["activate", "1762147685"], about: "\(store.path)/releases/1762147685")
  }
}
