/// Comparison of file names byte by byte, as the kernel compares them. Swift considers "é" and an
/// "e" with a combining accent equal, and a slash with a combining mark behind it no slash; to the
/// kernel these are two names, and a slash.
///
/// Everything here is for `String` alone, because generic code that is not specialized for its
/// caller takes many times as long.
extension String {
  /// Whether both name the same file, where `==` is also true for some strings that name two.
  package func isSameName(as other: String) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { other in
        own.count == other.count && own.elementsEqual(other)
      }
    }.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether this name, or path, comes before another where they are sorted by their bytes.
  package func comesBefore(_ other: String) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { own.lexicographicallyPrecedes($0) }
    }.flatMap { $0 } ?? utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// The names between the slashes, without empty ones and ".".
  package var nameComponents: [String] {
    utf8.split(separator: UInt8(ascii: "/")).compactMap {
      let name = String(decoding: $0, as: UTF8.self)
      return name.isSameName(as: ".") ? nil : name
    }
  }

  /// Whether the path begins at the root.
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// Whether this path is `directory` or lies beneath it. Both must be spelled the same way.
  package func isOrLiesBeneath(_ directory: String) -> Bool {
    utf8.starts(with: directory.utf8)
      && [nil, UInt8(ascii: "/")].contains(utf8.dropFirst(directory.utf8.count).first)
  }
}
