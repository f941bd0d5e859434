// The target Text compares, prints and masks text. It is a leaf: it imports nothing, makes no
// system call and has no state. FileNames.swift compares names as the kernel does;
// PrintableText.swift and LegibleText.swift prepare text from elsewhere for display;
// ShellQuoting.swift quotes it for a shell; Secrets/Secrets.swift masks secrets and is the place to
// begin reading.

/// File names are compared byte by byte, as the kernel compares them. Swift considers "é" equal to
/// an "e" with a combining accent, and does not find a slash that a combining mark follows. To the
/// kernel these are two different names, and a slash.
///
/// All members belong to `String`, because generic code that is not specialized for its caller is
/// many times slower.
extension String {
  /// Whether both strings name the same file. For `==`, some strings that name two files are equal.
  package func isSameName(as other: String) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { other in
        own.count == other.count && own.elementsEqual(other)
      }
    }.flatMap { $0 } ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether this name or path sorts before another by its bytes.
  package func comesBefore(_ other: String) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { own.lexicographicallyPrecedes($0) }
    }.flatMap { $0 } ?? utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// The names between the slashes, except empty ones and ".".
  package var nameComponents: [String] {
    utf8.split(separator: UInt8(ascii: "/")).compactMap {
      let name = String(decoding: $0, as: UTF8.self)
      return name.isSameName(as: ".") ? nil : name
    }
  }

  /// The directory of an absolute path, without empty names and "."; `/` for the root.
  package var parentDirectory: String {
    "/" + nameComponents.dropLast().joined(separator: "/")
  }

  /// Whether the path begins at the root.
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// Whether this path is `directory` or lies beneath it. Both must be spelled the same way.
  package func isOrLiesBeneath(_ directory: String) -> Bool {
    utf8.starts(with: directory.utf8)
      && [nil, UInt8(ascii: "/")].contains(utf8.dropFirst(directory.utf8.count).first)
  }
}
