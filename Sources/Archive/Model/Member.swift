internal import Linux

/// One member as an archive states it; nothing in it is to be believed.
struct Member {
  enum Kind: Equatable {
    case directory
    /// `size` in bytes, holes included.
    case file(size: Int64)
    case symbolicLink(target: [UInt8])
    case hardLink(target: [UInt8])
    case special
  }

  var name: [UInt8]
  var kind: Kind
  /// 0 to 0o7777.
  var mode: FileMode
  var modified: FileTime
}

/// A stretch of a file's content.
enum ContentPiece {
  case bytes(UnsafeRawBufferPointer)
  /// So many zeros that need not be stored.
  case hole(Int64)

  /// In bytes.
  var count: Int64 {
    switch self {
    case .bytes(let bytes): Int64(bytes.count)
    case .hole(let count): count
    }
  }
}
