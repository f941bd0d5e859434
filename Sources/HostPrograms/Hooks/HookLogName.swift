internal import Linux
internal import ReleaseModel

/// The name of a log in `.releases/logs`.
struct HookLogName {
  /// How many logs are kept at most.
  private static let limit = 50
  private static let suffix = ".log"
  private static let rotatedSuffix = ".1"

  /// The release; nil for what `current` points to although it is not a release. No release can have
  /// the name of that link.
  let id: ReleaseID?
  let hook: HookCall.Name

  init(id: ReleaseID?, hook: HookCall.Name) {
    self.id = id
    self.hook = hook
  }

  /// Parses the name of a log or of a rotated log; nil for any other file.
  init?(_ file: String) {
    let name =
      file.hasSuffix(Self.rotatedSuffix) ? file.dropLast(Self.rotatedSuffix.count) : file[...]
    guard name.hasSuffix(Self.suffix) else { return nil }
    let stem = name.dropLast(Self.suffix.count)
    for hook in HookCall.Name.allCases where stem.hasSuffix("-\(hook.rawValue)") {
      let owner = stem.dropLast(hook.rawValue.count + 1)
      let id = ReleaseID(owner)
      if id == nil, owner != Layout.current { return nil }
      self.init(id: id, hook: hook)
      return
    }
    return nil
  }

  /// The name of the file.
  var text: String { "\(id?.text ?? Layout.current)-\(hook.rawValue)\(Self.suffix)" }

  /// Renames the existing log, so that a new one can be created.
  ///
  /// - Throws: `SystemError` when the log can't be renamed.
  func rotate(in directory: borrowing Descriptor) throws(SystemError) {
    do throws(SystemError) {
      try directory.rename(text, to: text + Self.rotatedSuffix)
    } catch let error where error.errno == .noEntry {
      return
    }
  }

  /// Removes the logs of releases that no longer exist, and the oldest logs beyond the limit. A log
  /// that can't be removed is left for the next call.
  ///
  /// - Parameters:
  ///   - directory: the directory of the logs.
  ///   - current: the log that is being written, which is kept.
  ///   - exists: whether a release exists.
  static func sweep(
    _ directory: borrowing Descriptor, except current: String, exists: (ReleaseID) -> Bool
  ) {
    var kept: [(name: String, modified: FileTime)] = []
    for entry in (try? directory.entries()) ?? [] where entry.isExact && entry.name != current {
      guard let name = HookLogName(entry.name) else { continue }
      if name.id.map(exists) ?? true, let status = try? directory.status(of: entry.name) {
        kept.append((entry.name, status.modified))
      } else {
        try? directory.unlink(entry.name)
      }
    }
    kept.sort { $0.modified > $1.modified }
    for log in kept.dropFirst(limit - 1) { try? directory.unlink(log.name) }
  }
}
