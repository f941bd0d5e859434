internal import Glibc

/// The mounts that this process sees; see proc_pid_mountinfo(5).
package enum Mounts {
  /// Returns the names in a directory that are mount points or contain mount points. Bytes that are
  /// not UTF-8 are replaced.
  ///
  /// - Throws: `SystemError` if `/proc` can't be read.
  package static func names(beneath directory: borrowing Descriptor) throws(SystemError) -> Set<
    String
  > {
    let base = try readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(directory.raw)")
    var names: Set<String> = []
    for line in try Descriptor.open("/proc/self/mountinfo").readAll().split(separator: newline) {
      let fields = line.split(separator: space, maxSplits: 5)
      guard fields.count > 4, let name = name(of: unescaped(fields[4])[...], rightBeneath: base)
      else { continue }
      names.insert(name)
    }
    return names
  }

  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")

  /// Decodes the escapes of the kernel, which writes spaces, tabs, newlines and backslashes as a
  /// backslash and three octal digits.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      if byte == UInt8(ascii: "\\"), digits.utf8.count == 3, let code = UInt8(digits, radix: 8) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }
}
