internal import Glibc

/// What is mounted where.
package enum Mounts {
  /// The mount points strictly beneath a directory, as this process sees them, see
  /// proc_pid_mountinfo(5).
  ///
  /// - Parameter root: absolute, without links.
  package static func beneath(_ root: String) throws(SystemError) -> [String] {
    let prefix = root.hasSuffix("/") ? root : root + "/"
    return try ProcessFacts.readText("/proc/self/mountinfo").split(separator: "\n")
      .compactMap { line in
        let fields = line.split(separator: " ")
        return fields.count > 4 ? unescaped(fields[4]) : nil
      }
      .filter { $0.utf8.starts(with: prefix.utf8) }
  }

  /// The kernel writes spaces, tabs, newlines and backslashes as three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      let digits = String(rest.prefix(3)) ?? ""
      if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(digits, radix: 8) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
