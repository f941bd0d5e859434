import Foundation
import TestSupport
import Testing

/// A store that was damaged and configured at random, the same in every run with the same seed.
struct GeneratedStore {
  let store: TestStore
  /// What was done to the store, for messages.
  private(set) var changes: [String] = []
  private var random: SeededGenerator

  private static let ids = ["1", "2", "3", "4", "5", "6"]

  /// Stores of which each generated one is a copy, made once.
  private static let templates = Result { try makeTemplates() }

  init(seed: UInt64) throws {
    random = SeededGenerator(seed: seed)
    let templates = try Self.templates.get()
    // Most stores are the one with releases.
    let index = [0, 0, 0, 0, 0, 1, 2, 3].randomElement(using: &random) ?? 0
    store = try templates[index].copy()
    changes.append("template \(index)")
    for _ in 0..<Int.random(in: 0...3, using: &random) { try change() }
  }

  /// Returns a store whose releases 1 to 3 were live, one with an interrupted and one with an
  /// interrupted unconfirmed switch, and an empty one.
  private static func makeTemplates() throws -> [TestStore] {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.publish("4")
    try store.write("releases.yaml", "hooks: {prepare: {run: 'false'}}\n")
    try store.expectFailure(
      ["unpack", try store.archive(["VERSION": "5"]), "--id", "5"], status: 1)
    try store.remove("releases.yaml")
    try store.publish("6")
    try store.expectSuccess(["mark", "6", "bad", "--reason", "x"])
    let interrupted = try store.copy()
    let killed = try interrupted.run(
      ["activate", "4"], launcher: Fault.signal("KILL", at: "renameat", 2))
    try #require(killed.status == 128 + SIGKILL)
    let unconfirmed = try store.copy()
    try unconfirmed.write("releases.yaml", "health: {command: 'kill -9 $PPID; false'}\n")
    _ = try unconfirmed.run(["activate", "4"])
    try unconfirmed.remove("releases.yaml")
    return [store, interrupted, unconfirmed, try TestStore()]
  }

  private mutating func id() -> String { Self.ids.randomElement(using: &random) ?? "1" }

  private mutating func change() throws {
    let id = id()
    let link = Bool.random(using: &random) ? "current" : "previous"
    let number = Int.random(in: 0...22, using: &random)
    changes.append("\(number) \(id) \(link)")
    switch number {
    case 0, 1: try changeIfThere("releases/\(id)/VERSION") { try store.write($0, "modified") }
    case 2: try changeIfThere("releases/\(id)/VERSION") { try store.remove($0) }
    case 3: try changeIfThere("releases/\(id)") { try store.remove($0) }
    case 4: try changeIfThere(".releases/catalog/\(id).json") { try store.flip($0, at: 20) }
    case 5: try changeIfThere(".releases/catalog/\(id).json") { try store.remove($0) }
    case 6...10: try changeLink(link, number, id)
    case 11: _ = try store.run(["mark", id, "bad", "--reason", "x"])
    case 12: _ = try store.run(["mark", id, "good"])
    case 13: _ = try store.run(["freeze", "--reason", "x"])
    case 14...19: try configure(number)
    case 20: try store.write(".releases/trash/\(id).0000abcd/f", "")
    case 21: try store.write(".releases/staging/\(id)/f", "")
    default: try store.write(".releases/lock", "")
    }
  }

  private func changeIfThere(_ path: String, _ change: (String) throws -> Void) throws {
    if store.exists(path) { try change(path) }
  }

  private func changeLink(_ link: String, _ number: Int, _ id: String) throws {
    try Program.expect(["rm", "-rf", "\(store.path)/\(link)"])
    switch number {
    case 6: try store.makeLink(link, to: "releases/\(id)")
    case 7: try store.makeLink(link, to: "releases/9")
    case 8: try store.makeLink(link, to: "/opt/app")
    case 9: try store.write("\(link)/VERSION", "x")
    default: break
    }
  }

  private func configure(_ number: Int) throws {
    let hook = "\(store.path)/hook"
    switch number {
    case 14: try store.write("releases.yaml", "shared: {files: [a.yaml]}\n")
    case 15:
      try store.write("shared/x", "")
      try Program.expect(["ln", "-sfn", "/nowhere", "\(store.path)/shared/logs"])
      try store.write("releases.yaml", "shared: {directories: [logs]}\n")
    case 16: try store.write("releases.yaml", "keep: 3\n")
    case 17: try store.write("releases.yaml", "hooks: {activate: {run: \(hook)}}\n")
    case 18:
      try store.write("hook", "#!/bin/sh\n")
      try store.write("releases.yaml", "hooks: {activate: {run: \(hook)}}\n")
    default: try store.write("releases.yaml", "hooks: {prepare: {run: \(hook)}}\n")
    }
  }
}
