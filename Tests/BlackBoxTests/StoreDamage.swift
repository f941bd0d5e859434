import Foundation

/// Ways to spoil a store.
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

  /// Makes a sealed file of the store claim a newer format, its checksum valid.
  func makeNewer(_ path: String) throws {
    let line = try read(path).split(separator: "\n")[0].drop { $0 == " " }
    let body = line.replacing(/,"sha256":"[0-9a-f]{64}"} *$/, with: "}")
      .replacing("\"format\":1", with: "\"format\":2")
    let sum = try Program.run(["sha256sum"], input: Data(body.utf8)).output.prefix(64)
    let sealed = String(body.dropLast()) + ",\"sha256\":\"\(sum)\"}"
    let padding = String(repeating: " ", count: max(0, 4095 - sealed.utf8.count))
    // A journal has two slots of one size; in other files the rest is ignored.
    let slot = sealed + padding + "\n"
    try write(path, path.hasSuffix("lock") ? slot + slot : sealed + "\n")
  }
}
