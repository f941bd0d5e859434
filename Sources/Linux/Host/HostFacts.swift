internal import Glibc

/// Facts about the machine and its current boot.
package enum HostFacts {
  /// The number of processors that are online; see sysconf(3).
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The largest number of threads that speeds up work on a tree; more only wait for each other.
  package static let maximumUsefulThreads = 16
  /// The number of threads to use for work on a tree.
  package static var usefulThreads: Int { min(processorCount, maximumUsefulThreads) }

  /// Returns the random ID that the kernel gives each boot; see random(4).
  ///
  /// - Throws: `SystemError` if `/proc` does not show the ID; ENOENT if it is empty.
  package static func bootID() throws(SystemError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    let name = try readText(path).prefix { !$0.isNewline }
    // A container may show an empty file instead, and then all boots would seem to be the same one.
    guard !name.isEmpty else { throw SystemError(call: "read", path: path, errno: .noEntry) }
    return String(name)
  }

  /// Returns random bytes from the kernel; see getrandom(2).
  package static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// The name of the host; see gethostname(2); nil if it has none.
  package static var hostName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// Whether `/proc` is mounted and shows this process; see proc(5).
  package static var hasProc: Bool {
    (try? readLinkBytes(at: AT_FDCWD, "/proc/self/exe")) != nil
  }
}
