internal import CLinux
internal import Glibc

/// The kernel's sandbox for processes without privileges; see landlock(7).
enum Landlock {
  /// The first version that permits hard links between directories, which archives may contain.
  static let firstWithLinks = 2

  /// Returns the newest version of the interface that this kernel supports, starting at 1.
  ///
  /// - Throws: `SystemError` if the kernel lacks Landlock or does not permit it.
  static func version() throws(SystemError) -> Int {
    Int(try systemCall("landlock_create_ruleset") { clinux_landlock_version() })
  }

  /// Restricts this process to what the unpack worker needs beneath `directory`: no devices, no sockets,
  /// no programs. Files that are already open remain usable. PR_SET_NO_NEW_PRIVS must be set
  /// before; see prctl(2).
  ///
  /// - Throws: `SystemError` if the kernel lacks Landlock or does not permit it; nothing has
  ///   changed then.
  static func confine(to directory: borrowing Descriptor) throws(SystemError) {
    let version = try version()
    let files = AccessRights.known(to: version)
    let network: UInt64 = version >= 4 ? 0b11 : 0
    let scopes: UInt64 = version >= 6 ? 0b11 : 0
    // Older kernels have a shorter structure. They reject a longer one only if its end is not zero.
    let size = version >= 6 ? 24 : version >= 4 ? 16 : 8
    let rules = Descriptor(
      owning: try systemCall("landlock_create_ruleset") {
        clinux_landlock_create(files.rawValue, network, scopes, size)
      })
    let allowed = files.intersection(.unpacking)
    try systemCall("landlock_add_rule", directory.path) {
      clinux_landlock_allow(rules.raw, directory.raw, allowed.rawValue)
    }
    try systemCall("landlock_restrict_self") { clinux_landlock_restrict(rules.raw) }
  }

  /// The constants LANDLOCK_ACCESS_FS_…, in the order of their bits.
  private struct AccessRights: OptionSet {
    let rawValue: UInt64

    static let writeFile = AccessRights(rawValue: 1 << 1)
    static let readFile = AccessRights(rawValue: 1 << 2)
    static let readDirectory = AccessRights(rawValue: 1 << 3)
    static let makeDirectory = AccessRights(rawValue: 1 << 7)
    static let makeFile = AccessRights(rawValue: 1 << 8)
    static let makeLink = AccessRights(rawValue: 1 << 12)
    static let refer = AccessRights(rawValue: 1 << 13)
    static let truncate = AccessRights(rawValue: 1 << 14)

    /// The rights that the unpack worker needs. Hard links between directories need `refer`.
    static let unpacking: AccessRights = [
      .writeFile, .readFile, .readDirectory, .makeDirectory, .makeFile, .makeLink, .refer,
      .truncate,
    ]

    static func known(to version: Int) -> AccessRights {
      let count =
        switch version {
        case 1: 13
        case 2: 14
        case 3, 4: 15
        default: 16
        }
      return AccessRights(rawValue: 1 << UInt64(count) - 1)
    }
  }
}
