import Foundation
import Linux
import Testing

@testable import ReleaseStore

/// An empty store in a directory of its own, gone with the value.
final class ScratchStore {
  let directory: String
  let path: String
  let store: Store

  /// - Parameter name: the store's own name, in bytes what it is in the string.
  init(named name: String = "store") throws {
    let files = FileManager.default
    directory =
      files.temporaryDirectory.appendingPathComponent("store-test-\(UUID().uuidString)").path
    path = "\(directory)/\(name)"
    try files.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let top = try Descriptor.openDirectory(directory)
    try top.makeDirectory(name)
    let root = try top.openDirectory(name)
    try root.makeDirectory(Layout.releases)
    try root.makeDirectory(Layout.control)
    let control = try root.openDirectory(Layout.control)
    for name in Layout.controlDirectories { try control.makeDirectory(name) }
    store = try Store.open(path)
  }

  deinit { try? Descriptor.openDirectory("/").removeTree(directory) }

  /// Makes directories in the store.
  func makeDirectories(_ paths: String...) throws {
    for path in paths {
      var directory = try Descriptor.openDirectory(self.path)
      for part in path.utf8.split(separator: UInt8(ascii: "/")).map({ String(Substring($0)) }) {
        try directory.makeDirectoryIfMissing(part)
        directory = try directory.openDirectory(part)
      }
    }
  }

  func write(_ name: String, _ content: [UInt8]) throws {
    let flags: OpenFlags = [.writeOnly, .create, .exclusive]
    try Descriptor.openDirectory(path).open(name, flags).write(content)
  }

  func read(_ name: String) throws -> [UInt8] {
    try Descriptor.open("\(path)/\(name)").readAll()
  }
}
