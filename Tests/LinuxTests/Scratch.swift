import Foundation
import Glibc

@testable import Linux

/// A temporary directory that is removed at the end of the object's lifetime.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("linux-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? remove() }

  /// Removes the directory. Its parent is opened, since a removal does not cross to another mount.
  func remove() throws {
    let directory = URL(fileURLWithPath: path)
    try Descriptor.openDirectory(directory.deletingLastPathComponent().path)
      .removeTree(directory.lastPathComponent)
  }

  func root() throws -> Descriptor { try Descriptor.openDirectory(path) }

  /// Makes a file whose name consists of any bytes.
  func touch(bytes: [UInt8]) throws {
    let name = (Array((path + "/").utf8) + bytes + [0]).map { CChar(bitPattern: $0) }
    _ = Descriptor(
      owning: try systemCall("creat") {
        name.withUnsafeBufferPointer { creat($0.baseAddress!, 0o600) }
      }
    )
  }
}

extension Descriptor {
  func writeFile(_ name: String, _ content: String) throws {
    try open(name, [.writeOnly, .create]).write(Array(content.utf8))
  }

  func text(of name: String) throws -> String {
    String(decoding: try open(name, .readOnly).readAll(), as: UTF8.self)
  }
}
