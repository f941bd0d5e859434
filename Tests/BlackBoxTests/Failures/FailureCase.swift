import Foundation
import TestSupport
import Testing

/// A way to fail: the preparation, the command line and the failure.
struct FailureCase: CustomTestStringConvertible, Sendable {
  let name: String
  let status: Int32
  let code: String
  let arguments: [String]
  /// A part of the message or the cause: the file, the release or the option concerned.
  let mentions: String
  let prepare: @Sendable (TestStore) throws -> Void

  init(
    _ name: String, _ status: Int32, _ code: String, _ arguments: [String], mentions: String,
    prepare: @escaping @Sendable (TestStore) throws -> Void = { _ in }
  ) {
    self.name = name
    self.status = status
    self.code = code
    self.arguments = arguments
    self.mentions = mentions
    self.prepare = prepare
  }

  var testDescription: String { name }
}

extension FailureCase {
  /// Each case runs on a store with an archive to unpack, where 2 is live and 1 was live before.
  static let all = [
    FailureCase("usage", 2, "usage", ["list", "--nonsense"], mentions: "--nonsense"),
    FailureCase("unknown command", 2, "usage", ["lst"], mentions: "lst"),
    FailureCase("no operand", 2, "usage", ["activate"], mentions: "activate"),
    FailureCase("no such release", 4, "noSuchRelease", ["activate", "9"], mentions: "9"),
    FailureCase("nothing to show", 4, "noSuchRelease", ["show", "9"], mentions: "9"),
    FailureCase("nothing to verify", 4, "noSuchRelease", ["verify", "9"], mentions: "9"),
    FailureCase("nothing to remove", 4, "noSuchRelease", ["remove", "9"], mentions: "9"),
    FailureCase(
      "nothing to pin", 4, "noSuchRelease", ["pin", "9", "--reason", "x"], mentions: "9"),
    FailureCase("not ready", 3, "notReady", ["activate", "3"], mentions: "3") {
      try $0.write("releases.yaml", "hooks: {prepare: {run: /bin/false}}\n")
      try $0.expectFailure(
        ["unpack", "\($0.directory)/good.tar.gz", "--id", "3"], status: 1, code: "prepareFailed")
      try $0.remove("releases.yaml")
    },
    FailureCase("bad", 3, "bad", ["activate", "1"], mentions: "1") {
      try $0.expectSuccess(["mark", "1", "bad", "--reason", "loses messages"])
    },
    FailureCase("not whole", 3, "notWhole", ["activate", "1"], mentions: "VERSION") {
      try $0.remove("releases/1/VERSION")
    },
    FailureCase("frozen", 3, "frozen", ["activate", "1"], mentions: "migration") {
      try $0.expectSuccess(["freeze", "--reason", "migration"])
    },
    FailureCase("frozen rollback", 3, "frozen", ["rollback"], mentions: "migration") {
      try $0.expectSuccess(["freeze", "--reason", "migration"])
    },
    FailureCase("pinned", 3, "pinned", ["remove", "3"], mentions: "3") {
      try $0.publish("3")
      try $0.expectSuccess(["pin", "3", "--reason", "x"])
    },
    FailureCase("live", 3, "live", ["remove", "2", "--force"], mentions: "2"),
    FailureCase("rollback target", 3, "fallback", ["remove", "1"], mentions: "1"),
    FailureCase(
      "nothing to roll back to", 3, "nothingToRollBackTo", ["rollback"], mentions: "rollback target"
    ) {
      try $0.expectSuccess(["rollback"])
    },
    FailureCase("id taken", 3, "idTaken", ["unpack", "ARCHIVE", "--id", "1"], mentions: "1"),
    FailureCase(
      "digest", 6, "digestMismatch",
      ["unpack", "ARCHIVE", "--sha256", String(repeating: "0", count: 64)], mentions: "0000"),
    FailureCase("size", 6, "sizeMismatch", ["unpack", "ARCHIVE", "--size", "7"], mentions: "7"),
    FailureCase("truncated", 6, "archiveTruncated", ["unpack", "ARCHIVE"], mentions: "truncated") {
      let archive = "\($0.directory)/good.tar.gz"
      let whole = try Data(contentsOf: URL(fileURLWithPath: archive))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: archive))
    },
    FailureCase(
      "not an archive", 6, "archiveUnreadable", ["unpack", "ARCHIVE"], mentions: "archive"
    ) {
      try Data(String(repeating: "<p>not found</p>\n", count: 100).utf8)
        .write(to: URL(fileURLWithPath: "\($0.directory)/good.tar.gz"))
    },
    FailureCase("rejected", 6, "archiveRejected", ["unpack", "ARCHIVE"], mentions: "passwd") {
      let packed = try Program.run(
        ["tar", "-czPf", "good.tar.gz", "../../../../../../../../etc/passwd"],
        directory: $0.directory)
      #expect(packed.status == 0)
    },
    FailureCase(
      "configuration", 3, "configuration", ["activate", "1"], mentions: "releases.yaml:2:3"
    ) {
      try $0.write("releases.yaml", "keep:\n  cuont: 3\n")
    },
    FailureCase("hook", 3, "configuration", ["activate", "1"], mentions: "/nowhere/restart") {
      try $0.write("releases.yaml", "hooks: {activate: {run: /nowhere/restart now}}\n")
    },
    FailureCase("prepared", 3, "unsupported", ["prepare", "1"], mentions: "1 is ready") {
      try $0.write("releases.yaml", "hooks: {prepare: {run: /bin/true}}\n")
    },
    FailureCase("nothing to abort", 3, "nothingToAbort", ["abort"], mentions: "no switch"),
    FailureCase(
      "shared file", 3, "sharedFileMissing", ["activate", "1"], mentions: "shared/app.yaml"
    ) {
      try $0.write("releases.yaml", "shared: {files: [app.yaml]}\n")
    },
    FailureCase("real directory", 3, "notALink", ["rollback", "-n"], mentions: "current") {
      try $0.remove("current")
      try FileManager.default.createDirectory(
        atPath: $0.path + "/current", withIntermediateDirectories: false)
    },
    FailureCase("newer journal", 3, "newerStore", ["rollback"], mentions: "format 3") {
      try $0.makeNewer(".releases/lock")
    },
    FailureCase("newer catalog", 3, "newerStore", ["list"], mentions: "format 3") {
      try $0.makeNewer(".releases/catalog/1.json")
    },
    FailureCase("damaged", 1, "damaged", ["activate", "1"], mentions: "1") {
      try $0.flip(".releases/catalog/1.json", at: 20)
    },
    FailureCase(
      "no archive", 1, "input", ["unpack", "/nowhere/x.tar.gz"], mentions: "/nowhere/x.tar.gz"),
  ]
}
