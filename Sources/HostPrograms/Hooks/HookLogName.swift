internal import Linux
internal import ReleaseModel

/// The name of a log beneath `.releases/logs`.
struct HookLogName {
  /// How many logs are kept.
  private static let limit = 50
  private static let ending = ".log"
  private static let older = ".1"

  let id: ReleaseID
  let hook: HookCall.Name

  init(id: ReleaseID, hook: HookCall.Name) {
    self.id = id
    self.hook = hook
  }

  /// Nil for a file that is no log of ours, nor the older one of a hook that ran twice.
  init?(_ file: String) {
    let name = file.hasSuffix(Self.older) ? file.dropLast(Self.older.count) : file[...]
    guard name.hasSuffix(Self.ending) else { return nil }
    let stem = name.dropLast(Self.ending.count)
    for hook in HookCall.Name.allCases where stem.hasSuffix("-\(hook.rawValue)") {
      guard let id = ReleaseID(stem.dropLast(hook.rawValue.count + 1)) else { return nil }
      self.init(id: id, hook: hook)
      return
    }
    return nil
  }

  var text: String { "\(id)-\(hook.rawValue)\(Self.ending)" }

  /// Makes room for a new log.
  func rotate(in directory: borrowing Descriptor) throws(SystemError) {
    do throws(SystemError) {
      try directory.rename(text, to: text + Self.older)
    } catch let error where error.errno == .noEntry {
      return
    }
  }

  /// Removes logs of releases that are gone, and the oldest of too many. What can't be removed
  /// stays until the next time.
  ///
  /// - Parameter own: the one being written.
  static func sweep(
    _ directory: borrowing Descriptor, but own: String, isThere: (ReleaseID) -> Bool
  ) {
    var kept: [(name: String, modified: FileTime)] = []
    for entry in (try? directory.entries()) ?? [] where entry.isExact && entry.name != own {
      guard let name = HookLogName(entry.name) else { continue }
      if isThere(name.id), let status = try? directory.status(of: entry.name) {
        kept.append((entry.name, status.modified))
      } else {
        try? directory.unlink(entry.name)
      }
    }
    kept.sort {
      ($0.modified.seconds, $0.modified.nanoseconds)
        > ($1.modified.seconds, $1.modified.nanoseconds)
    }
    for log in kept.dropFirst(limit - 1) { try? directory.unlink(log.name) }
  }
}
