import Foundation
import Glibc

@testable import Linux

/// A directory of its own, gone with the value.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("linux-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? Descriptor.openDirectory("/").removeTree(path) }

  func root() throws -> Descriptor { try Descriptor.openDirectory(path) }

  /// A file whose name is any bytes.
  func touch(bytes: [UInt8]) throws {
    let name = (Array((path + "/").utf8) + bytes + [0]).map { CChar(bitPattern: $0) }
    _ = Descriptor(
      owning: try attempt("creat") {
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
