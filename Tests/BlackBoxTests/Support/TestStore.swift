import Foundation
import TestSupport
import Testing

/// A store in a temporary directory that is removed with the value.
final class TestStore: Sendable {
  private let temporary: TemporaryDirectory
  let path: String

  /// The directory of the store, of archives and of other files of a test.
  var directory: String { temporary.path }

  /// - Parameter initialized: whether to run `init`.
  /// - Throws: an expectation that failed, or an error of Foundation when no directory can be made.
  init(initialized: Bool = true) throws {
    temporary = try TemporaryDirectory()
    path = temporary.path + "/store"
    if initialized { try expectSuccess(["init"]) }
  }

  // MARK: - Commands

  @discardableResult
  func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:],
    launcher: [String] = []
  ) throws -> Releases.Run {
    try Releases.run(
      ["--store", path] + arguments, input: input, environment: environment, launcher: launcher)
  }

  /// Runs a copy of the binary as nobody, who may not be able to reach the built one.
  func runAsNobody(_ arguments: [String]) throws -> Releases.Run {
    let binary = "\(directory)/releases"
    if !FileManager.default.fileExists(atPath: binary) {
      try Program.expect(["install", "-m", "755", Releases.binary, binary])
    }
    let run = try Program.run(User.asNobody + [binary, "--store", path] + arguments)
    HintFollowing.follow(
      run, ["--store", path] + arguments, environment: [:], launcher: User.asNobody)
    return run
  }

  /// Runs a command and expects success.
  @discardableResult
  func expectSuccess(
    _ arguments: [String], input: Data? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Releases.Run {
    let run = try run(arguments, input: input)
    #expect(
      run.status == 0, "releases \(arguments.joined(separator: " ")): \(run.errors)",
      sourceLocation: sourceLocation)
    return run
  }

  /// Runs a command and expects a certain failure.
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

  /// Packs files into a gzip-compressed tar archive.
  func archive(
    _ files: [String: String], named name: String = UUID().uuidString, executable: [String] = []
  ) throws -> String {
    let tree = "\(directory)/\(name)"
    for (path, content) in files {
      let file = URL(fileURLWithPath: tree).appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content.utf8).write(to: file)
      if executable.contains(path) { chmod("\(tree)/\(path)", 0o755) }
    }
    let archive = "\(tree).tar.gz"
    let packed = try Program.run(["tar", "-czf", archive, "-C", tree, "."])
    #expect(packed.status == 0, "\(packed.errors)")
    return archive
  }

  /// Publishes a small release whose VERSION file holds its ID.
  @discardableResult
  func publish(_ id: String) throws -> String {
    let archive = try archive(["VERSION": id, "bin/run": "#!/bin/sh\necho \(id)\n"])
    try expectSuccess(["unpack", archive, "--id", id])
    return id
  }

  /// Publishes releases and activates each in turn.
  func publishAndActivate(_ ids: [String]) throws {
    for id in ids {
      try publish(id)
      try expectSuccess(["activate", id])
    }
  }

  // MARK: - State

  /// Returns the target of a link, or nil when it does not exist.
  func link(_ name: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/\(name)")
  }

  /// The ID that `current` points to.
  var current: String? { link("current").map { ($0 as NSString).lastPathComponent } }
  /// The ID that `previous` points to.
  var previous: String? { link("previous").map { ($0 as NSString).lastPathComponent } }

  /// Returns the sorted names in a directory of the store.
  func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(path)").sorted()
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(self.path)/\(path)")
  }

  /// Returns the releases of `list` by ID.
  func releases() throws -> [String: [String: Any]] {
    let list = try expectSuccess(["list", "--json"]).json
    let releases = try #require(list["releases"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: releases.map { ($0["id"] as? String ?? "", $0) })
  }

  /// Returns the IDs of `list`, newest first.
  func ids() throws -> [String] {
    let list = try expectSuccess(["list", "--json"]).json
    return try #require(list["releases"] as? [[String: Any]]).compactMap { $0["id"] as? String }
  }

  /// Expects that nothing temporary is left and that every release equals its manifest.
  func expectConsistent(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try names(".releases/staging") == [], sourceLocation: sourceLocation)
    #expect(try names(".releases/trash") == [], sourceLocation: sourceLocation)
    let stray = try names("").filter { $0.hasPrefix(".current.") || $0.hasPrefix(".previous.") }
    #expect(stray == [], sourceLocation: sourceLocation)
    let verified = try run(["verify", "--all"])
    #expect(verified.status == 0, "\(verified.output)", sourceLocation: sourceLocation)
  }
}
