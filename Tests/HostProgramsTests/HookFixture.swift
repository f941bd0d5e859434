import Configuration
import Foundation
import HostPrograms
import Linux
import ModelTestSupport
import ReleaseModel
import StoreSupport
import Synchronization
import TestSupport
import Testing
import Text

/// Directories laid out like those of a store, in which hooks run, and what the hooks printed.
final class HookFixture: Sendable {
  private let directory: TemporaryDirectory
  private let printed = Mutex<[UInt8]>([])
  private let warned = Mutex<[String]>([])
  /// Servers and processes that end with the fixture.
  private let kept = Mutex<[any Sendable]>([])

  /// - Parameter releases: the names of the releases that have a directory; none for one release
  ///   named 1.
  /// - Throws: an error of Foundation when a directory can't be made.
  init(_ releases: String...) throws {
    directory = try TemporaryDirectory()
    for id in releases.isEmpty ? ["1"] : releases {
      try FileManager.default.createDirectory(
        atPath: "\(path)/releases/\(id)", withIntermediateDirectories: true)
    }
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
  }

  var path: String { "\(directory.path)/store" }
  var tree: String { "\(path)/releases/1" }
  var logs: String { "\(path)/.releases/logs" }
  /// Everything that hooks have printed.
  var output: [UInt8] { printed.withLock { $0 } }
  var warnings: [String] { warned.withLock { $0 } }

  func directories() throws -> StoreDirectories {
    StoreDirectories(
      path: path, root: try Descriptor.openDirectory(path),
      releases: try Descriptor.openDirectory("\(path)/releases"))
  }

  private func hookLogs() -> HookLogs {
    do throws(SystemError) {
      return HookLogs(try Descriptor.openDirectory(logs), path: logs)
    } catch {
      return HookLogs(unavailable: Message(error.description))
    }
  }

  private func runner(_ variables: [String: String]) -> HookRunner {
    HookRunner(
      actor: .sample, caller: CallerEnvironment(variables: variables),
      warn: { line in self.warned.withLock { $0.append(line.text) } })
  }

  @discardableResult
  func run(
    _ call: HookCall, _ variables: [String: String] = [:], stop: StopCheck = { nil },
    output: @Sendable ([UInt8]) -> Void
  ) throws -> HookReport {
    try runner(variables).run(
      call, in: directories(), logs: hookLogs(), stop: stop, output: output)
  }

  @discardableResult
  func run(
    _ command: Configuration.Command, _ name: HookCall.Name = .prepare, of id: ReleaseID = "1",
    timeout: Int64 = 60, _ variables: [String: String] = [:], stop: StopCheck = { nil }
  ) throws -> HookReport {
    let call = HookCall(
      name, Configuration.Hook(run: command, timeout: TimeSpan(seconds: timeout)), id: id,
      previous: "0", ref: "v1", event: name.rawValue)
    return try run(call, variables, stop: stop) { bytes in
      self.printed.withLock { $0 += bytes }
    }
  }

  func shell(
    _ script: String, timeout: Int64 = 60, stop: StopCheck = { nil }
  ) throws -> HookReport {
    try run(.shell(script), timeout: timeout, stop: stop)
  }

  func read(_ path: String) throws -> String {
    String(decoding: try Descriptor.open(path).readAll(), as: UTF8.self)
  }

  /// Reads a number that a hook has written into a file of the tree.
  func number(in file: String) throws -> Int32 {
    try #require(Int32(try read("\(tree)/\(file)").trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  /// Starts a server, see ``WebServer/init(socket:directory:)``.
  func serve(socket: String? = nil, in directory: String = "/") throws -> WebServer {
    let server = try WebServer(socket: socket, directory: directory)
    kept.withLock { $0.append(server) }
    return server
  }

  /// Retains a server or a process that ends with the fixture.
  func keep(_ value: any Sendable) { kept.withLock { $0.append(value) } }

  /// Starts a process in a directory.
  ///
  /// - Returns: the process ID.
  func startProcess(in directory: String, program: String = "/bin/sleep") throws -> Int32 {
    let place = try Descriptor.openDirectory(directory)
    let process = try Linux.ChildProcess.start(
      program, ["sleep", "600"], descriptors: [], directory: place.raw)
    kept.withLock { $0.append(process) }
    return process.pid
  }

  /// Writes a program that stands in for one of the host.
  ///
  /// - Returns: the directories to look programs up in, which contain nothing else.
  func standIn(for name: String, _ script: String) throws -> [String] {
    let programs = "\(directory.path)/bin"
    try FileManager.default.createDirectory(
      atPath: programs, withIntermediateDirectories: true)
    try Program.write(script, to: "\(programs)/\(name)")
    return [programs]
  }
}

/// Returns whether a process runs. A zombie does not.
func isRunning(_ pid: Int32) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
    let end = stat.lastIndex(of: ")")
  else { return false }
  return !"ZX".contains(stat[stat.index(end, offsetBy: 2)])
}
