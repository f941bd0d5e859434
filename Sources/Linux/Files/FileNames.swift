internal import Glibc

/// Operations on file names that compare bytes, as the kernel does. To Swift, "é" equals an "e"
/// followed by an accent, and a slash followed by a combining mark is not a slash. To the kernel
/// the former are two names, and the latter is a slash.
///
/// They extend `String` alone, since generic code that is not specialised for its caller takes many
/// times as long.
extension String {
  /// Whether both name the same file. In contrast, `==` also holds for some pairs of different
  /// names.
  package func isSameName(as other: String) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { other in
        guard own.count == other.count, let first = own.baseAddress, let second = other.baseAddress
        else { return own.count == other.count }
        return memcmp(first, second, own.count) == 0
      }
    }.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether this name or path precedes another one in the order of their bytes.
  package func comesBefore(_ other: String) -> Bool {
    // A name contains no zero byte, so a name precedes all longer ones that begin with it.
    withCString { own in other.withCString { strcmp(own, $0) < 0 } }
  }

  /// The components between the slashes, without empty ones and ".".
  package var nameComponents: [String] {
    utf8.split(separator: UInt8(ascii: "/")).compactMap {
      let name = String(decoding: $0, as: UTF8.self)
      return name.isSameName(as: ".") ? nil : name
    }
  }

  /// Whether the path begins with a slash.
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// Whether this path equals `directory` or lies beneath it. Both must be spelled in the same way.
  package func isOrLiesBeneath(_ directory: String) -> Bool {
    utf8.starts(with: directory.utf8)
      && [nil, UInt8(ascii: "/")].contains(utf8.dropFirst(directory.utf8.count).first)
  }
}

// MARK: - Paths as the kernel reports them

/// Returns the part of an absolute path that follows a directory and a slash; nil when the path
/// does not lie beneath the directory.
func bytes(of path: ArraySlice<UInt8>, beneath directory: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  let base = directory.elementsEqual("/".utf8) ? [] : directory
  let rest = path.dropFirst(base.count)
  guard path.starts(with: base), rest.first == UInt8(ascii: "/"), rest.count > 1 else { return nil }
  return rest.dropFirst()
}

/// Returns the first component of an absolute path after a directory; nil when the path does not
/// lie beneath the directory. Bytes that are not UTF-8 are replaced.
func name(of path: ArraySlice<UInt8>, rightBeneath directory: ArraySlice<UInt8>) -> String? {
  bytes(of: path, beneath: directory).map { rest in
    String(decoding: rest.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
  }
}
