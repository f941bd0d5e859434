internal import Glibc

/// File names are bytes. To Swift "é" equals an "e" with an accent behind it, and a slash with a
/// combining mark behind it is no slash. To the kernel these are two names, and a slash. Here all
/// goes by the bytes, as the kernel does it.
///
/// All of this is for `String` alone: generic code that is not specialised for its caller takes many
/// times as long.
extension String {
  /// Whether both name the same file, where `==` also holds for some that name two.
  package func isSameName(as other: String) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { other in
        guard own.count == other.count, let first = own.baseAddress, let second = other.baseAddress
        else { return own.count == other.count }
        return memcmp(first, second, own.count) == 0
      }
    }.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether this name, or path, comes before another where they are sorted by their bytes.
  package func comesBefore(_ other: String) -> Bool {
    // No name has a zero in it: the one that ends first is the smaller.
    withCString { own in other.withCString { strcmp(own, $0) < 0 } }
  }

  /// What stands between the slashes, without empty components and ".".
  package var nameComponents: [String] {
    utf8.split(separator: UInt8(ascii: "/")).compactMap {
      let name = String(decoding: $0, as: UTF8.self)
      return name.isSameName(as: ".") ? nil : name
    }
  }

  /// Whether the path begins at the root.
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// Whether this path, spelled like `directory`, is that or lies beneath it.
  package func isOrLiesBeneath(_ directory: String) -> Bool {
    utf8.starts(with: directory.utf8)
      && [nil, UInt8(ascii: "/")].contains(utf8.dropFirst(directory.utf8.count).first)
  }
}

// MARK: - Paths as the kernel reports them

/// What of an absolute path is left behind a directory and a slash; nil when it leads elsewhere.
func bytes(of path: ArraySlice<UInt8>, beneath directory: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  let base = directory.elementsEqual("/".utf8) ? [] : directory
  let rest = path.dropFirst(base.count)
  guard path.starts(with: base), rest.first == UInt8(ascii: "/"), rest.count > 1 else { return nil }
  return rest.dropFirst()
}

/// The name right beneath a directory that an absolute path leads through; nil when it leads
/// elsewhere. One that is no UTF-8 comes as a legible stand-in.
func name(of path: ArraySlice<UInt8>, rightBeneath directory: ArraySlice<UInt8>) -> String? {
  bytes(of: path, beneath: directory).map { rest in
    String(decoding: rest.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
  }
}
