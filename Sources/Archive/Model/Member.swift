internal import Linux

/// A member as the archive describes it. Nothing in it can be trusted.
struct Member {
  enum Kind: Equatable {
    case directory
    /// A regular file; `size` is in bytes and includes holes.
    case file(size: Int64)
    case symbolicLink(target: [UInt8])
    case hardLink(target: [UInt8])
    case special
  }

  var name: [UInt8]
  var kind: Kind
  /// The permission bits, including the special ones, 0 to 0o7777.
  var mode: FileMode
  var modified: FileTime
}

/// A part of a file's content.
enum ContentPiece {
  case bytes(UnsafeRawBufferPointer)
  /// A number of zero bytes that need not be stored.
  case hole(Int64)

  /// The length of the part in bytes.
  var count: Int64 {
    switch self {
    case .bytes(let bytes): Int64(bytes.count)
    case .hole(let count): count
    }
  }
}
