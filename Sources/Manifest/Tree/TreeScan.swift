internal import Archive
package import Linux

/// Walks a tree as it is on the disk.
package struct TreeScan {
  /// Something found, not yet read.
  package struct Found: Sendable {
    /// Relative to the top, which is ".".
    let path: String
    package let status: FileStatus
    /// For symbolic links; nil also for one that is no UTF-8.
    let target: String?
  }

  /// Visits the top and all beneath it, each directory before what is in it, never through a link.
  ///
  /// - Parameter visit: also gets the directory that holds the name, and the name in it; returns
  ///   whether to go into a directory.
  /// - Returns: what was passed over because its name, or what it leads to, is no UTF-8, spelled
  ///   legibly.
  package static func walk(
    _ top: borrowing Descriptor,
    _ visit: (Found, borrowing Descriptor, String) throws(SystemError) -> Bool
  ) throws(SystemError) -> [String] {
    var passedOver: [String] = []
    let found = Found(path: ".", status: try top.status(), target: nil)
    if try visit(found, top, ".") { try walk(top, prefix: "", &passedOver, visit) }
    return passedOver
  }

  private static func walk(
    _ directory: borrowing Descriptor, prefix: String, _ passedOver: inout [String],
    _ visit: (Found, borrowing Descriptor, String) throws(SystemError) -> Bool
  ) throws(SystemError) {
    for entry in try directory.entries() {
      let path = prefix + entry.name
      guard entry.isExact else {
        passedOver.append(path)
        continue
      }
      guard let status = try directory.statusIfPresent(of: entry.name) else { continue }
      let target = status.kind == .symbolicLink ? try directory.target(of: entry.name) : nil
      let found = Found(path: path, status: status, target: target)
      if try visit(found, directory, entry.name), status.kind == .directory {
        try walk(
          try directory.openDirectory(entry.name), prefix: path + "/", &passedOver, visit)
      }
    }
  }
}

extension Descriptor {
  /// What a symbolic link beneath this directory leads to; nil for what is no UTF-8.
  func target(of name: String) throws(SystemError) -> String? {
    do throws(SystemError) {
      return try readLink(name)
    } catch let error where error.errno == .illegalBytes {
      return nil
    }
  }
}
