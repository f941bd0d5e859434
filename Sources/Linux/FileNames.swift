/// File names are bytes. To Swift "é" equals an "e" with an accent behind it, and a slash with a
/// combining mark behind it is no slash. To the kernel these are two names, and a slash. Here all
/// goes by the bytes, as the kernel does it.
extension StringProtocol {
  /// Whether both name the same file, where `==` also holds for some that name two.
  package func isSameName(as other: some StringProtocol) -> Bool {
    utf8.elementsEqual(other.utf8)
  }

  /// What stands between the slashes, without empty components and ".".
  package var nameComponents: [String] {
    utf8.split(separator: UInt8(ascii: "/")).lazy.map { String(decoding: $0, as: UTF8.self) }
      .filter { !$0.isSameName(as: ".") }
  }

  /// Whether the path begins at the root.
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// Whether this path, spelled like `directory`, is that or lies beneath it.
  package func isOrLiesBeneath(_ directory: some StringProtocol) -> Bool {
    utf8.starts(with: directory.utf8)
      && [nil, UInt8(ascii: "/")].contains(utf8.dropFirst(directory.utf8.count).first)
  }
}
