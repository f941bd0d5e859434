package import Linux

/// Walks a tree on the disk.
package struct TreeScan {
  /// The number of levels of directories that are walked. Paths of trees that are deeper have thousands
  /// of bytes, and each level takes memory on the stack and open files.
  private static let deepest = 1000

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
  /// - Throws: `SystemError` when a directory or a status can't be read, or `visit` throws;
  ///   ENAMETOOLONG for a tree of more than 1,000 levels.
  package static func walk(
    _ top: borrowing Descriptor,
    _ visit: (Found, borrowing Descriptor, String) throws(SystemError) -> Bool
  ) throws(SystemError) -> [String] {
    var skipped: [String] = []
    let found = Found(path: ".", status: try top.status(), target: nil)
    if try visit(found, top, ".") { try walk(top, prefix: "", level: 1, &skipped, visit) }
    return skipped
  }

  private static func walk(
    _ directory: borrowing Descriptor, prefix: String, level: Int, _ skipped: inout [String],
    _ visit: (Found, borrowing Descriptor, String) throws(SystemError) -> Bool
  ) throws(SystemError) {
    if level > deepest {
      throw SystemError(call: "openat", path: directory.path, errno: .nameTooLong)
    }
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
          try directory.openDirectory(entry.name), prefix: path + "/", level: level + 1, &skipped,
          visit)
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
