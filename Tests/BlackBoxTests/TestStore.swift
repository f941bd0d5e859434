import Foundation
import Testing

/// A store in a directory of its own, gone with the value.
final class TestStore: Sendable {
  /// Holds the store, archives and whatever else a test makes.
  let directory: String
  let path: String

  /// - Parameter initialized: whether `init` has run.
  init(initialized: Bool = true) throws {
    directory =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("releases-test-\(UUID().uuidString)").path
    path = directory + "/store"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    if initialized { try expectDone(["init"]) }
  }

  deinit {
    // As a shell does it: modes that tests took away come back first.
    _ = try? Program.run(["chmod", "-R", "u+rwX", directory])
    _ = try? Program.run(["rm", "-rf", directory])
  }

  // MARK: - Running

  @discardableResult
  func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:],
    launcher: [String] = []
  ) throws -> Releases.Run {
    try Releases.run(
      ["--store", path] + arguments, input: input, environment: environment, launcher: launcher)
  }

  /// Runs a copy of the binary as nobody, who need not be able to reach the built one.
  func runAsNobody(_ arguments: [String]) throws -> Releases.Run {
    let binary = "\(directory)/releases"
    if !FileManager.default.fileExists(atPath: binary) {
      try Program.expect(["install", "-m", "755", Releases.binary, binary])
    }
    return try Program.run(User.asNobody + [binary, "--store", path] + arguments)
  }

  /// Runs a command that has to succeed.
  @discardableResult
  func expectDone(
    _ arguments: [String], input: Data? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Releases.Run {
    let run = try run(arguments, input: input)
    #expect(
      run.status == 0, "releases \(arguments.joined(separator: " ")): \(run.errors)",
      sourceLocation: sourceLocation)
    return run
  }

  /// Runs a command that has to fail in a certain way, and say what to do.
  @discardableResult
  func expectFailure(
    _ arguments: [String], status: Int32, code: String? = nil, input: Data? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Releases.Run {
    let run = try run(["--json"] + arguments, input: input)
    #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
    let error = try #require(
      try run.json["error"] as? [String: Any], sourceLocation: sourceLocation)
    #expect(error["exitStatus"] as? Int == Int(status), sourceLocation: sourceLocation)
    if let code { #expect(error["code"] as? String == code, sourceLocation: sourceLocation) }
    return run
  }

  // MARK: - Content

  /// Packs files into a gzipped tar.
  func archive(_ files: [String: String], named name: String = UUID().uuidString) throws -> String {
    let tree = "\(directory)/\(name)"
    for (path, content) in files {
      let file = URL(fileURLWithPath: tree).appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content.utf8).write(to: file)
    }
    let archive = "\(tree).tar.gz"
    let packed = try Program.run(["tar", "-czf", archive, "-C", tree, "."])
    #expect(packed.status == 0, "\(packed.errors)")
    return archive
  }

  /// Publishes a small release whose VERSION file holds its id.
  @discardableResult
  func publish(_ id: String) throws -> String {
    let archive = try archive(["VERSION": id, "bin/run": "#!/bin/sh\necho \(id)\n"])
    try expectDone(["unpack", archive, "--id", id])
    return id
  }

  /// Publishes releases and makes each live in turn.
  func activate(_ ids: [String]) throws {
    for id in ids {
      try publish(id)
      try expectDone(["activate", id])
    }
  }

  // MARK: - Looking

  /// The text of a link; nil when there is none.
  func link(_ name: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/\(name)")
  }

  /// The id `current` leads to.
  var current: String? { link("current").map { ($0 as NSString).lastPathComponent } }
  /// The id `previous` leads to.
  var previous: String? { link("previous").map { ($0 as NSString).lastPathComponent } }

  /// The names in a directory of the store, sorted.
  func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(path)").sorted()
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(self.path)/\(path)")
  }

  /// `list`'s releases, by id.
  func releases() throws -> [String: [String: Any]] {
    let list = try expectDone(["list", "--json"]).json
    let releases = try #require(list["releases"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: releases.map { ($0["id"] as? String ?? "", $0) })
  }

  /// The ids `list` names, newest first.
  func ids() throws -> [String] {
    let list = try expectDone(["list", "--json"]).json
    return try #require(list["releases"] as? [[String: Any]]).compactMap { $0["id"] as? String }
  }

  /// The store's own rules hold: nothing half done is left, and every release is whole.
  func expectSettled(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try names(".releases/staging") == [], sourceLocation: sourceLocation)
    #expect(try names(".releases/trash") == [], sourceLocation: sourceLocation)
    let stray = try names("").filter { $0.hasPrefix(".current.") || $0.hasPrefix(".previous.") }
    #expect(stray == [], sourceLocation: sourceLocation)
    let verified = try run(["verify", "--all"])
    #expect(verified.status == 0, "\(verified.output)", sourceLocation: sourceLocation)
  }
}
