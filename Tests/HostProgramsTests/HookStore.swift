import Foundation
import Linux
import Synchronization
import Testing

@testable import ReleaseStore

/// A store with a release named 1 whose hooks are run, and what came of it.
final class HookStore: Sendable {
  private let scratch: Scratch
  private let heard = Mutex<[UInt8]>([])
  private let warned = Mutex<[String]>([])
  /// What goes with the store.
  private let kept = Mutex<[any Sendable]>([])

  /// Immutable once made.
  private struct Scratch: @unchecked Sendable {
    let store: ScratchStore
  }

  init(_ releases: String...) throws {
    let store = try ScratchStore()
    for id in releases.isEmpty ? ["1"] : releases { try store.makeDirectories("releases/\(id)") }
    scratch = Scratch(store: store)
  }

  var store: Store { scratch.store.store }
  var path: String { scratch.store.path }
  var tree: String { "\(path)/releases/1" }
  var logs: String { "\(path)/.releases/logs" }
  /// All that hooks have printed.
  var output: [UInt8] { heard.withLock { $0 } }
  var warnings: [String] { warned.withLock { $0 } }

  func environment(
    _ variables: [String: String] = [:], programs: [String] = HostProgram.directories
  ) -> Environment {
    Environment(
      now: { .noon }, bootID: "b", pid: 1, processStart: 1, user: "deploy", asked: "a",
      variables: variables, programDirectories: programs,
      warn: { line in self.warned.withLock { $0.append(line) } })
  }

  @discardableResult
  func run(
    _ command: Configuration.Command, _ name: HookCall.Name = .prepare, of id: ReleaseID = "1",
    timeout: Int64 = 60, _ variables: [String: String] = [:],
    stop: StopQuestion = { nil }
  ) -> HookReport {
    let call = HookCall(
      name, Configuration.Hook(run: command, timeout: TimeSpan(seconds: timeout)), id: id,
      previous: "0", ref: "v1", event: name.rawValue)
    return store.run(call, environment(variables), stop: stop) { bytes in
      self.heard.withLock { $0 += bytes }
    }
  }

  func shell(
    _ script: String, timeout: Int64 = 60, stop: StopQuestion = { nil }
  ) -> HookReport {
    run(.shell(script), timeout: timeout, stop: stop)
  }

  func read(_ path: String) throws -> String {
    String(decoding: try Descriptor.open(path).readAll(), as: UTF8.self)
  }

  /// A number that a hook has written into a file of the tree.
  func number(in file: String) throws -> Int32 {
    try #require(Int32(try read("\(tree)/\(file)").trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  /// A server that lives as long as this, see ``WebServer/init(socket:)``.
  func serve(socket: String? = nil) throws -> WebServer {
    let server = try WebServer(socket: socket)
    kept.withLock { $0.append(server) }
    return server
  }

  /// The number of a process that stands in a directory, and lives as long as this.
  func stand(in directory: String) throws -> Int32 {
    let place = try Descriptor.openDirectory(directory)
    let process = try ChildProcess.start(
      "/bin/sleep", ["sleep", "600"], descriptors: [], directory: place.raw)
    kept.withLock { $0.append(process) }
    return process.pid
  }

  /// A program in a directory of the store's own, for a host that has only this.
  func fake(_ name: String, _ script: String) throws -> [String] {
    let directory = "\(scratch.store.directory)/bin"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let file = "\(directory)/\(name)"
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(file).text"))
    // Another process writes it: one that a parallel test starts would inherit our open file for a
    // moment, and what is open for writing can't be run (ETXTBSY).
    let install = try Process.run(
      URL(fileURLWithPath: "/usr/bin/install"),
      arguments: ["-m", "755", "\(file).text", file])
    install.waitUntilExit()
    return [directory]
  }
}

/// Whether a process runs: one that only waits to be buried does not.
func isRunning(_ pid: Int32) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
    let end = stat.lastIndex(of: ")")
  else { return false }
  return !"ZX".contains(stat[stat.index(end, offsetBy: 2)])
}
