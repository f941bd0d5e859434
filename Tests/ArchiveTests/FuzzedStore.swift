import Foundation
import TestSupport
import Testing

@testable import Archive

/// A store of the built binary, and witness files around it that must stay unchanged.
final class FuzzedStore {
  private let directory: TemporaryDirectory
  private let binary: String
  private var store: String { directory.url.path + "/store" }

  init(_ binary: String) throws {
    self.binary = binary
    directory = try TemporaryDirectory()
    try #require(try run(["init"]).status == 0)
    try Data("unpack: {max-bytes: 16MiB, max-entries: 2000}\n".utf8)
      .write(to: URL(fileURLWithPath: store + "/releases.yaml"))
    for name in ["witness", "store/releases/stray"] {
      try Data("untouched".utf8).write(to: directory.url.appending(path: name))
    }
  }

  /// Unpacks through a pipe, and removes what was published.
  func unpack(_ archive: Data) throws -> (status: Int32, errors: String) {
    let unpacked = try run(["unpack", "-", "--id", "fuzzed"], input: archive)
    if unpacked.status == 0 {
      let verified = try run(["verify", "fuzzed"])
      if verified.status != 0 { return verified }
      let removed = try run(["remove", "fuzzed"])
      if removed.status != 0 { return removed }
    }
    return unpacked
  }

  /// Files that unpacking must not leave behind.
  func leftovers() throws -> [String] {
    try ["staging", "trash", "catalog", "manifests"].flatMap {
      try FileManager.default.contentsOfDirectory(atPath: "\(store)/.releases/\($0)")
    }
  }

  /// The inodes, sizes, times and modes of everything outside the store's own records.
  func surroundings() throws -> [String] {
    try directory.listing(except: "store/.releases").filter { $0 != "store/releases" }.map { path in
      var status = stat()
      lstat("\(directory.url.path)/\(path)", &status)
      return "\(path) \(status.st_ino) \(status.st_size) \(status.st_mode) "
        + "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) "
        + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }.filter { !$0.hasPrefix("store ") }
  }

  func run(
    _ arguments: [String], input: Data = Data()
  ) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["--store", store] + arguments
    let (feed, errors) = (Foundation.Pipe(), Foundation.Pipe())
    process.standardInput = feed
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    // The archive fits into the pipe. A rejected one may not be read completely.
    try? feed.fileHandleForWriting.write(contentsOf: input)
    try feed.fileHandleForWriting.close()
    let text = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let status = process.terminationStatus
    return (
      process.terminationReason == .exit ? status : 128 + status,
      String(decoding: text, as: UTF8.self)
    )
  }
}
