internal import Archive
internal import Linux
internal import StoreSupport
internal import Text

extension TreeEntry {
  /// Describes how a file on the disk differs from this entry, apart from its content.
  ///
  /// - Parameters:
  ///   - status: the status of the file.
  ///   - target: the target of a symbolic link; nil when it is not UTF-8.
  /// - Returns: nil when there is no difference.
  func difference(from status: FileStatus, pointingTo target: String?) -> String? {
    switch content {
    case .directory:
      guard status.kind == .directory else { return "is a \(status.kind.noun), was a directory" }
    case .symbolicLink(let wanted):
      guard status.kind == .symbolicLink else { return "is a \(status.kind.noun), was a link" }
      return target?.isSameName(as: wanted) == true
        ? nil : "points to \(target ?? "a path that is not UTF-8"), pointed to \(wanted)"
    case .file(let size, _):
      guard status.kind == .file else { return "is a \(status.kind.noun), was a file" }
      guard status.size == size else { return "has \(status.size) bytes, had \(size)" }
    }
    guard status.permissions == permissions else {
      return "has mode 0\(String(status.permissions, radix: 8)),"
        + " had 0\(String(permissions, radix: 8))"
    }
    return nil
  }
}
