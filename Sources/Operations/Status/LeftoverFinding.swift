internal import FoundationEssentials
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension TrashFacts {
  /// How many names are looked at to find what can't be removed.
  private static let maximumNames = 20_000

  /// Lists the trash; nil when this user may not.
  static func all(in store: Store) -> [TrashFacts]? {
    guard let trash = try? store.controlDirectory(Layout.trash),
      let owner = try? store.root.status().owner, let entries = try? trash.entries()
    else { return nil }
    var namesLeft = maximumNames
    return entries.map { entry in
      let isDirectory = (try? trash.status(of: entry.name))?.kind == .directory
      let obstacle =
        isDirectory && owner != 0
        ? obstacle(to: owner, entry.name, in: trash, path: entry.name, &namesLeft) : nil
      return TrashFacts(name: entry.name, obstacle: obstacle)
    }
  }

  /// Finds a directory whose content the store's owner can't remove, because it belongs to another
  /// user who has not permitted it. The owner can change the mode of every other directory.
  private static func obstacle(
    to owner: UserID, _ name: String, in parent: borrowing Descriptor, path: String,
    _ namesLeft: inout Int
  ) -> Message? {
    guard let status = try? parent.status(of: name), status.kind == .directory else { return nil }
    let isPermitted = status.owner == owner || status.permissions & 0o022 != 0
    guard let directory = try? parent.openDirectory(name), let entries = try? directory.entries()
    else {
      return status.owner == owner ? nil : "\(path) belongs to \(userName(status.owner))"
    }
    if !isPermitted, !entries.isEmpty { return "\(path) belongs to \(userName(status.owner))" }
    for entry in entries where entry.kind == .directory || entry.kind == nil {
      namesLeft -= 1
      if namesLeft <= 0 { return nil }
      let inner = "\(path)/\(entry.name)"
      if let found = obstacle(to: owner, entry.name, in: directory, path: inner, &namesLeft) {
        return found
      }
    }
    return nil
  }
}

extension StageFacts {
  /// Lists the stages; nil when this user may not.
  static func all(in store: Store) -> [StageFacts]? {
    guard let staging = try? store.controlDirectory(Layout.staging),
      let entries = try? staging.entries()
    else { return nil }
    if entries.isEmpty { return [] }
    guard let abandoned = try? store.stages.abandoned() else { return nil }
    return entries.compactMap { entry in
      guard let status = try? staging.status(of: entry.name) else { return nil }
      return StageFacts(
        name: entry.name, isRunning: !abandoned.contains(entry.name),
        since: Date(timeIntervalSince1970: Double(status.modified.seconds)),
        pid: ProcessFacts.lockHolders(of: status).first)
    }
  }
}
