internal import Archive
internal import Linux
internal import StoreSupport
internal import Text

extension TreeEntry {
  /// How what was found in this one's place differs from it, without its content, for people; nil
  /// where it does not.
  ///
  /// - Parameter target: what it leads to, where it is a symbolic link; nil for what is no UTF-8.
  func difference(from status: FileStatus, leadingTo target: String?) -> String? {
    switch content {
    case .directory:
      guard status.kind == .directory else { return "is a \(status.kind.word), was a directory" }
    case .symbolicLink(let wanted):
      guard status.kind == .symbolicLink else { return "is a \(status.kind.word), was a link" }
      return target?.isSameName(as: wanted) == true
        ? nil : "leads to \(target ?? "a path that is not UTF-8"), led to \(wanted)"
    case .file(let size, _):
      guard status.kind == .file else { return "is a \(status.kind.word), was a file" }
      guard status.size == size else { return "has \(status.size) bytes, had \(size)" }
    }
    guard status.permissions == permissions else {
      return "has mode 0\(String(status.permissions, radix: 8)),"
        + " had 0\(String(permissions, radix: 8))"
    }
    return nil
  }
}
