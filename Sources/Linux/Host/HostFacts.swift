internal import Glibc

/// Facts about the machine and its current boot.
package enum HostFacts {
  /// How many threads can run at once.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// More would only wait for each other.
  package static let maximumUsefulThreads = 16
  /// How many threads the work on a tree is best shared among.
  package static var usefulThreads: Int { min(processorCount, maximumUsefulThreads) }

  /// A random name the kernel gives each boot, see random(4).
  package static func bootID() throws(SystemError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    let name = try readText(path).prefix { !$0.isNewline }
    // A container may show an empty file instead, which would make all boots look alike.
    guard !name.isEmpty else { throw SystemError(call: "read", path: path, errno: .noEntry) }
    return String(name)
  }

  /// Bytes from the kernel's generator, see getrandom(2).
  package static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Whether `/proc` is mounted and shows this process, see proc(5).
  package static var hasProc: Bool {
    (try? readLinkBytes(at: AT_FDCWD, "/proc/self/exe")) != nil
  }
}
