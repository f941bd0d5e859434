import Foundation
import TestSupport

/// Ways to damage a store.
extension TestStore {
  /// Changes one byte of a file, in place.
  func flip(_ path: String, at offset: UInt64) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: "\(self.path)/\(path)"))
    try file.seek(toOffset: offset)
    let byte = try file.read(upToCount: 1)?.first ?? 0
    try file.seek(toOffset: offset)
    try file.write(contentsOf: [byte ^ 0x10])
    try file.close()
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(atPath: "\(self.path)/\(path)")
  }

  /// Gives a sealed file of the store a newer format number with a valid checksum.
  func makeNewer(_ path: String) throws {
    try reseal(path) { $0.replacing("\"format\":1", with: "\"format\":3") }
  }
}
