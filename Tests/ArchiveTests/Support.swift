import Foundation
import Linux
import TestSupport
import Testing

@testable import Archive

extension TemporaryDirectory {
  var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

  /// All paths beneath the directory.
  func listing(except excluded: String? = nil) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: url.path)
      .filter { path in excluded.map { !(path == $0 || path.hasPrefix($0 + "/")) } ?? true }
      .sorted()
  }
}

/// Collects the reports of a writer from its threads.
private final class Collected: @unchecked Sendable {
  private var collector = TreeCollector()

  func add(_ entry: WrittenEntry) { _ = collector.add(entry) }
  func tree(_ warnings: [String]) -> UnpackedTree? { collector.finish(warnings: warnings) }
}

/// A stage to unpack into, and a witness file beside it that must stay unchanged.
struct TestStage {
  let parent: TemporaryDirectory
  var url: URL { parent.url.appending(path: "stage") }

  init() throws {
    parent = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    try Data("untouched".utf8).write(to: parent.url.appending(path: "witness"))
  }

  func unpack(_ archive: Data, _ options: UnpackOptions = UnpackOptions()) throws -> UnpackedTree {
    let file = parent.url.appending(path: "archive")
    try archive.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try unpack(try Descriptor.open(file.path), options)
  }

  /// Unpacks from a pipe, whose buffer must hold the whole archive.
  func unpackFromPipe(_ archive: Data) throws -> UnpackedTree {
    let pipe = Foundation.Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: archive)
    try pipe.fileHandleForWriting.close()
    return try unpack(
      try Descriptor.duplicate(pipe.fileHandleForReading.fileDescriptor), UnpackOptions())
  }

  func unpackFile(_ file: URL) throws {
    _ = try unpack(try Descriptor.open(file.path), UnpackOptions())
  }

  func unpack(from descriptor: Int32) throws {
    _ = try unpack(try Descriptor.duplicate(descriptor), UnpackOptions())
  }

  /// Unpacks in this process, since a test can't start itself as the worker.
  private func unpack(
    _ archive: borrowing Descriptor, _ options: UnpackOptions
  ) throws -> UnpackedTree {
    let written = Collected()
    let warnings = try Unpacker(options: options).run(
      from: archive, into: try Descriptor.openDirectory(url.path)
    ) { written.add($0) }
    return try #require(written.tree(warnings))
  }

  func expectNothingElseTouched(_ comment: Comment? = nil) throws {
    #expect(try parent.listing(except: "stage") == ["witness"], comment)
    let witness = try Data(contentsOf: parent.url.appending(path: "witness"))
    #expect(witness == Data("untouched".utf8), comment)
  }
}

/// Runs a program with bytes on its standard input and returns its standard output.
func run(_ arguments: [String], input: Data = Data()) throws -> Data {
  let directory = try TemporaryDirectory()
  let (source, sink) = (directory.url.appending(path: "in"), directory.url.appending(path: "out"))
  try input.write(to: source)
  try Data().write(to: sink)
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.standardInput = try FileHandle(forReadingFrom: source)
  process.standardOutput = try FileHandle(forWritingTo: sink)
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw ToolFailure(arguments: arguments) }
  return try Data(contentsOf: sink)
}

struct ToolFailure: Error { let arguments: [String] }

/// An archive of the corpus, in memory.
struct Fixture: Sendable, CustomTestStringConvertible {
  let name: String
  let data: Data
  /// The expected tree as JSON, or the configuration under which the archive is hostile.
  var expectation = Data()
  var testDescription: String { name }

  /// The options under which a hostile archive breaks its rule.
  var options: UnpackOptions {
    get throws {
      var options = UnpackOptions()
      if expectation.isEmpty { return options }
      let json = try JSONSerialization.jsonObject(with: expectation)
      for (key, value) in try #require(json as? [String: Any]) {
        let number = value as? Int ?? 0
        switch key {
        case "strip-components": options.stripComponents = number
        case "max-depth": options.limits.depth = number
        case "max-name-length": options.limits.nameLength = number
        case "max-metadata": options.limits.metadata = Int64(number)
        case "max-entries": options.limits.entries = number
        case "max-bytes" where value as? String == "1GiB": options.limits.bytes = 1 << 30
        case "max-bytes" where number > 0: options.limits.bytes = Int64(number)
        default: Issue.record("\(name): \(key)")
        }
      }
      return options
    }
  }
}

/// The archives of `Fixtures/make-archives.py`. They are empty when it fails, which a test reports.
enum Corpus {
  static let all: (hostile: [Fixture], benign: [Fixture]) = (try? make()) ?? ([], [])

  static func benign(_ name: String) throws -> Data {
    try #require(all.benign.first { $0.name == name }).data
  }

  private static func make() throws -> (hostile: [Fixture], benign: [Fixture]) {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Fixtures/make-archives.py").standardized
    let directory = try TemporaryDirectory()
    _ = try run(["python3", script.path, directory.url.path])
    return (
      try load(directory.url.appending(path: "hostile")),
      try load(directory.url.appending(path: "benign"))
    )
  }

  private static func load(_ folder: URL) throws -> [Fixture] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { !$0.hasSuffix(".json") }
      .map { name in
        let file = folder.appending(path: name)
        let json = URL(fileURLWithPath: file.path + ".json")
        return Fixture(
          name: name, data: try Data(contentsOf: file),
          expectation: (try? Data(contentsOf: json)) ?? Data())
      }
  }
}

/// Returns the error code of a failed operation; nil when the operation succeeds.
func failure(_ body: () throws -> Void) -> ArchiveError.Code? {
  do {
    try body()
    return nil
  } catch let error as ArchiveError {
    return error.code
  } catch {
    Issue.record(error)
    return nil
  }
}
