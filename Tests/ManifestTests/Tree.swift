import Archive
import Foundation
import Glibc
import Linux
import ModelTestSupport
import ReleaseModel
import TestSupport
import Testing

@testable import Manifest

/// A tree in a temporary directory, to compare with its manifest.
struct Tree {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  init() throws { directory = try TemporaryDirectory() }

  func top() throws -> Descriptor { try Descriptor.openDirectory(path) }

  func write(_ name: String, _ content: String) throws {
    try top().open(name, [.writeOnly, .create, .exclusive]).write(Array(content.utf8))
  }

  /// Makes a directory and its parents.
  func makeDirectories(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: "\(path)/\(name)", withIntermediateDirectories: true)
  }

  /// Makes an empty file whose name is any bytes.
  func touch(bytes: [UInt8]) throws {
    let name = Array(path.utf8) + [UInt8(ascii: "/")] + bytes + [0]
    let raw = name.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
      creat($0.baseAddress!, 0o644)
    }
    try #require(raw >= 0)
    _ = Descriptor(owning: raw)
  }

  /// Makes a symbolic link whose target is any bytes.
  func link(_ name: String, toBytes target: [UInt8]) throws {
    let text = (target + [0]).map { CChar(bitPattern: $0) }
    let made = text.withUnsafeBufferPointer { symlink($0.baseAddress!, "\(path)/\(name)") }
    try #require(made == 0)
  }

  /// Returns the manifest of the tree as it is now.
  func manifest() throws -> Manifest {
    var entries: [TreeEntry] = []
    _ = try TreeScan.walk(try top()) { (found, directory, name) throws(SystemError) in
      let content: TreeEntry.Content =
        switch found.status.kind {
        case .directory: .directory
        case .symbolicLink: .symbolicLink(target: found.target ?? "")
        default:
          .file(
            size: found.status.size, digest: try directory.open(name, .noFollow).digestOfContent())
        }
      entries.append(
        TreeEntry(
          path: found.path, content: content, permissions: found.status.permissions,
          modified: found.status.modified))
      return true
    }
    return Manifest(entries)
  }

  func compare(
    _ manifest: Manifest, ignored: [String] = []
  ) throws -> Verification {
    try TreeComparison(manifest: manifest, ignored: ignored.compactMap(Glob.init(parsing:)))
      .run(on: try top(), Verification(id: "1"))
  }
}
