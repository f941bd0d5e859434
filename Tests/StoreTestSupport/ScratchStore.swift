internal import Linux
internal import ReleaseModel
package import ReleaseStore
internal import TestSupport

/// An empty store in a temporary directory that is removed with the value.
package final class ScratchStore: Sendable {
  /// The temporary directory, which contains nothing but the store.
  package let directory: String
  /// The path of the store.
  package let path: String
  package let store: Store
  private let temporary: TemporaryDirectory

  /// - Parameter name: the store's own name, byte for byte.
  /// - Throws: an error of Foundation, `SystemError` or `ReleasesError` when the store cannot be
  ///   made.
  package init(named name: String = "store") throws {
    temporary = try TemporaryDirectory()
    directory = temporary.path
    path = "\(directory)/\(name)"
    let parent = try Descriptor.openDirectory(directory)
    try parent.makeDirectory(name)
    let root = try parent.openDirectory(name)
    try root.makeDirectory(Layout.releases)
    try root.makeDirectory(Layout.control)
    let control = try root.openDirectory(Layout.control)
    for name in Layout.controlDirectories { try control.makeDirectory(name) }
    store = try Store.open(path)
  }

  /// Makes directories in the store, and those above them.
  ///
  /// - Throws: `SystemError` when a directory cannot be made.
  package func makeDirectories(_ paths: String...) throws {
    for path in paths {
      var directory = try Descriptor.openDirectory(self.path)
      // A component may begin with a combining mark, which Swift joins with the slash.
      for part in path.utf8.split(separator: UInt8(ascii: "/")).map({ String(Substring($0)) }) {
        try directory.makeDirectoryIfMissing(part)
        directory = try directory.openDirectory(part)
      }
    }
  }

  /// Writes a new file in the store.
  ///
  /// - Throws: `SystemError` when there is such a file, or it cannot be written.
  package func write(_ name: String, _ content: [UInt8]) throws {
    let flags: OpenFlags = [.writeOnly, .create, .exclusive]
    try Descriptor.openDirectory(path).open(name, flags).write(content)
  }

  /// Reads a file in the store.
  ///
  /// - Throws: `SystemError` when it cannot be read.
  package func read(_ name: String) throws -> [UInt8] {
    try Descriptor.open("\(path)/\(name)").readAll()
  }
}
