package import Linux

/// Walks a tree on the disk.
package struct TreeScan {
  /// A file, directory or link of the tree, whose content has not been read.
  package struct Found: Sendable {
    /// The path relative to the top, which is ".".
    let path: String
    package let status: FileStatus
    /// The target of a symbolic link; nil when it is not UTF-8.
    let target: String?
  }

  /// Visits the top and everything beneath it, each directory before its content, without following
  /// links.
  ///
  /// - Parameters:
  ///   - top: the directory to walk.
  ///   - visit: receives what was found, its directory, and its name in that directory. For a
  ///     directory, it returns whether to visit the content.
  /// - Returns: the paths that were skipped because a name is not UTF-8, in a readable form.
  /// - Throws: `SystemError` when a directory or a status can't be read, or `visit` throws.
  package static func walk(
    _ top: borrowing Descriptor,
    _ visit: (Found, borrowing Descriptor, String) throws(SystemError) -> Bool
  ) throws(SystemError) -> [String] {
    var skipped: [String] = []
    let found = Found(path: ".", status: try top.status(), target: nil)
    if try visit(found, top, ".") { try walk(top, prefix: "", &skipped, visit) }
    return skipped
  }

  private static func walk(
    _ directory: borrowing Descriptor, prefix: String, _ skipped: inout [String],
    _ visit: (Found, borrowing Descriptor, String) throws(SystemError) -> Bool
  ) throws(SystemError) {
    for entry in try directory.entries() {
      let path = prefix + entry.name
      guard entry.isExact else {
        skipped.append(path)
        continue
      }
      guard let status = try directory.statusIfPresent(of: entry.name) else { continue }
      let target = status.kind == .symbolicLink ? try directory.target(of: entry.name) : nil
      let found = Found(path: path, status: status, target: target)
      if try visit(found, directory, entry.name), status.kind == .directory {
        try walk(
          try directory.openDirectory(entry.name), prefix: path + "/", &skipped, visit)
      }
    }
  }
}

extension Descriptor {
  /// Reads the target of a symbolic link in this directory; nil when it is not UTF-8.
  ///
  /// - Throws: `SystemError` when the link can't be read.
  func target(of name: String) throws(SystemError) -> String? {
    do throws(SystemError) {
      return try readLink(name)
    } catch let error where error.errno == .illegalBytes {
      return nil
    }
  }
}
