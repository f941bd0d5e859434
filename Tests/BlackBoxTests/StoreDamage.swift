import Foundation

/// Ways to spoil a store, and to see that nothing else was touched.
extension TestStore {
  /// Overwrites a file in place, or makes it.
  func write(_ text: String, to path: String) throws {
    let file = URL(fileURLWithPath: "\(self.path)/\(path)")
    try Data(text.utf8).write(to: file)
  }

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
    try write(path.hasSuffix("lock") ? slot + slot : sealed + "\n", to: path)
  }

  /// Names, kinds, modes, owners, sizes, times and link targets of all there is, and the content
  /// of what is small.
  func fingerprint() throws -> String {
    let shape = try Program.run(
      ["find", path, "-printf", "%P %y %m %U:%G %s %T@ %l\n"]
    ).output.split(separator: "\n").sorted().joined(separator: "\n")
    let content = try Program.run([
      "find", path, "-type", "f", "-size", "-64k", "-exec", "sha256sum", "{}", "+",
    ]).output.split(separator: "\n").sorted().joined(separator: "\n")
    return shape + content
  }
}
