/// A POSIX access control list as the kernel stores it in an extended attribute; see acl(5) and
/// `linux/posix_acl_xattr.h`.
package struct AccessList: Equatable, Sendable {
  /// One entry of the list; getfacl(1) prints it as one line.
  package struct Entry: Equatable, Sendable {
    /// Which users the entry applies to; see `linux/posix_acl.h`.
    package enum Kind: UInt16, Sendable {
      case owner = 0x01, user = 0x02, owningGroup = 0x04, group = 0x08, mask = 0x10, others = 0x20
    }

    package let kind: Kind
    /// Read, write and execute: 0 to 7.
    package var permissions: UInt16
    /// The ID of a named user or group; other kinds ignore it.
    package let id: UInt32

    package init(_ kind: Kind, _ permissions: UInt16, id: UInt32 = .max) {
      (self.kind, self.permissions, self.id) = (kind, permissions, id)
    }
  }

  /// The attribute of a directory with the list that new files and directories in it inherit.
  package static let defaultAttribute = "system.posix_acl_default"
  /// The attribute with the list that applies to the file itself.
  package static let attribute = "system.posix_acl_access"

  /// The attribute with a file's SELinux label; see selinux(8). It is not an access list, but it is
  /// inherited in the same way.
  package static let labelAttribute = "security.selinux"

  private static let version: UInt32 = 2
  private static let headerSize = 4
  private static let entrySize = 8

  /// The entries in the order of the attribute.
  package private(set) var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// Decodes the bytes of the attribute. Returns nil for any other version of the format.
  package init?(decoding bytes: [UInt8]) {
    guard bytes.count >= Self.headerSize, bytes.number32(at: 0) == Self.version,
      (bytes.count - Self.headerSize).isMultiple(of: Self.entrySize)
    else { return nil }
    entries = []
    for start in stride(from: Self.headerSize, to: bytes.count, by: Self.entrySize) {
      let first = bytes.number32(at: start)
      guard let kind = Entry.Kind(rawValue: UInt16(truncatingIfNeeded: first)) else { return nil }
      entries.append(
        Entry(kind, UInt16(first >> 16), id: bytes.number32(at: start + Self.entrySize / 2)))
    }
  }

  /// Encodes the list as the bytes of the attribute.
  package func encoded() -> [UInt8] {
    var bytes = Self.version.littleEndianBytes
    for entry in entries {
      bytes += (UInt32(entry.kind.rawValue) | UInt32(entry.permissions) << 16).littleEndianBytes
      bytes += entry.id.littleEndianBytes
    }
    return bytes
  }

  /// Whether it names a group, or a user besides these, who may write to the file.
  package func permitsWriting(besides users: Set<UserID>) -> Bool {
    let mask = entries.first { $0.kind == .mask }?.permissions ?? 0b111
    return entries.contains { entry in
      guard entry.permissions & mask & 0b010 != 0 else { return false }
      return entry.kind == .group || entry.kind == .user && !users.contains(entry.id)
    }
  }

  /// The same list, but the owner has all permissions and no other entry may write.
  package var writableByOwnerAlone: AccessList {
    var list = self
    for index in entries.indices {
      if entries[index].kind == .owner {
        list.entries[index].permissions |= 0b111
      } else {
        list.entries[index].permissions &= 0b101
      }
    }
    return list
  }
}

extension [UInt8] {
  fileprivate func number32(at start: Int) -> UInt32 {
    self[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension UInt32 {
  fileprivate var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
