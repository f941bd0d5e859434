/// The user namespace of this process; see user_namespaces(7).
package enum UserNamespace {
  /// The user to whom a file seems to belong whose owner has no number in the namespace. On a host, it
  /// is the user `nobody`.
  private static let overflowUser: UserID = 65534

  /// Whether the owner of a file can't be told, because it may have no number in the namespace.
  package static func hides(_ owner: UserID) -> Bool { owner == overflowUser && hidesOwners }

  /// Whether some users of the host have no number in the namespace.
  private static let hidesOwners: Bool = {
    guard let map = try? Descriptor.open("/proc/self/uid_map").readAll() else { return false }
    return !mapsEveryUser(map)
  }()

  /// Whether a map of users, as `/proc/PID/uid_map` shows it, gives every user a number.
  static func mapsEveryUser(_ map: [UInt8]) -> Bool {
    let mapped = map.split(separator: UInt8(ascii: "\n")).compactMap { line in
      line.split(separator: UInt8(ascii: " ")).last.flatMap {
        UInt64(String(decoding: $0, as: UTF8.self))
      }
    }
    return mapped.reduce(0) { $0 &+ $1 } >= UInt64(UInt32.max)
  }
}
