internal import FoundationEssentials
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension TrashFacts {
  /// How many names are looked at to find what can't be removed.
  private static let maximumNames = 20_000
  /// How many directories deep it is looked for. Each level takes an open directory and a frame of the
  /// stack, and a user who can write to the trash decides how many there are.
  private static let maximumDepth = 100

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
        ? obstacle(to: owner, entry.name, in: trash, path: entry.name, depth: 1, &namesLeft) : nil
      return TrashFacts(name: entry.name, obstacle: obstacle)
    }
  }

  /// Finds a directory whose content the store's owner can't remove, because it belongs to another
  /// user who has not permitted it. The owner can change the mode of every other directory.
  private static func obstacle(
    to owner: UserID, _ name: String, in parent: borrowing Descriptor, path: String,
    depth: Int, _ namesLeft: inout Int
  ) -> Message? {
    guard let status = try? parent.status(of: name), status.kind == .directory else { return nil }
    let isPermitted = status.owner == owner || status.permissions & 0o022 != 0
    guard let directory = try? parent.openDirectory(name), let entries = try? directory.entries()
    else {
      return status.owner == owner ? nil : "\(path) belongs to \(userName(status.owner))"
    }
    if !isPermitted, !entries.isEmpty { return "\(path) belongs to \(userName(status.owner))" }
    if depth == maximumDepth { return nil }
    for entry in entries where entry.kind == .directory || entry.kind == nil {
      namesLeft -= 1
      if namesLeft <= 0 { return nil }
      let inner = "\(path)/\(entry.name)"
      let found = obstacle(
        to: owner, entry.name, in: directory, path: inner, depth: depth + 1, &namesLeft)
      if let found { return found }
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
    let holder = (try? HostFacts.bootID()).flatMap {
      (try? store.journal.lockHolder(bootID: $0)) ?? nil
    }
    return entries.compactMap { entry in
      guard let status = try? staging.status(of: entry.name) else { return nil }
      let isRunning = !abandoned.contains(entry.name)
      let pid = ProcessFacts.lockHolders(of: status).first
      let waits = isRunning && isFinalized(entry.name, in: staging) && holder?.pid != pid
      return StageFacts(
        name: entry.name, isRunning: isRunning,
        since: Date(timeIntervalSince1970: Double(status.modified.seconds)), pid: pid,
        awaitedHolder: waits ? holder?.name : nil)
    }
  }

  /// Whether a stage has everything that a release needs, so that only the lock is missing.
  private static func isFinalized(_ name: String, in staging: borrowing Descriptor) -> Bool {
    guard let stage = try? staging.openDirectory(name) else { return false }
    return ((try? stage.statusIfPresent(of: Stage.manifest)) ?? nil) != nil
  }
}
