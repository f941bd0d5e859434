internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

extension Check {
  /// Reports what `status` reports about the files of the store and, for each subject without a
  /// finding, that it is in order.
  ///
  /// - Throws: ``ReleasesError`` when the store can't be read.
  func storeFiles(_ store: Store) throws(ReleasesError) -> [Finding] {
    let facts = try StoreFacts(store, environment)
    let found = storeFindings(facts).map { finding(for: $0, facts) }
    let inOrder = statements(facts).filter { statement in
      !found.contains { $0.subject == statement.subject && $0.level != .ok }
    }
    return inOrder + found + freeze(facts) + closing(of: store) + foreignDirectories(in: facts)
  }

  private func statements(_ facts: StoreFacts) -> [Finding] {
    let snapshot = facts.snapshot
    let count = snapshot.catalog.entries.count
    let links = [(Layout.current, snapshot.current), (Layout.previous, snapshot.previous)].map {
      name, link in
      finding(
        "links", .ok, link.release.map { "\(name) points to \($0)" } ?? "there is no \(name)")
    }
    let target = snapshot.rollbackTarget.map {
      finding("rollback", .ok, "a rollback would choose \($0)")
    }
    return [finding("journal", .ok, "no command was interrupted")] + links
      + (target.map { [$0] } ?? [])
      + [finding("catalog", .ok, count == 1 ? "1 release" : "\(count) releases")]
  }

  /// Reports a directory with the lock that other users can open: they can delay commands.
  private func closing(of store: Store) -> [Finding] {
    guard let status = try? store.control.status(of: Layout.trash), !status.isClosedToOthers
    else { return [] }
    let path = store.path(Layout.control, Layout.trash)
    return [
      finding(
        "lock", .warning, "other users can open \(path: path) and delay commands by locking it",
        hint: Hint("close it", shell: "chmod 700 \(path.shellWord)"))
    ]
  }

  private func freeze(_ facts: StoreFacts) -> [Finding] {
    guard let freeze = facts.snapshot.freeze else { return [] }
    return [
      finding(
        "freeze", .warning, freeze.sentence,
        hint: .thaw)
    ]
  }

  private func finding(for found: StoreFinding, _ facts: StoreFacts) -> Finding {
    Finding(
      subject: Self.subject(of: found), level: Self.level(of: found, facts),
      message: found.message, hint: found.hint?.command == .releases(["check"]) ? nil : found.hint,
      code: found.refusal, storeCode: found.code)
  }

  private static func subject(of finding: StoreFinding) -> String {
    switch finding.code {
    case .interrupted, .journalLost, .journalUnreadable: "journal"
    case .currentBroken, .previousBroken, .linkMoved, .nothingLive:
      finding.refusal?.rawValue ?? "links"
    case .liveBad, .liveNotReady, .liveNotCataloged, .liveNotWhole: "live"
    case .rollbackNotWhole, .rollbackUnknown: "rollback"
    case .releaseUnsafe: finding.refusal?.rawValue ?? "catalog"
    case .releaseMissing, .catalogCorrupt, .notCataloged, .preparationInterrupted, .preparing:
      "catalog"
    case .configurationIgnored: "configuration"
    case .sharedMissing, .sharedDangling, .sharedWrongKind, .sharedUnsafe: "shared"
    case .configurationInvalid, .programUnusable: finding.refusal?.rawValue ?? "configuration"
    case .minFreeUnreachable, .noSpace: "space"
    case .readOnly: "file system"
    case .wrongOwner: "permissions"
    case .trashStuck, .trashLeft, .removing: "trash"
    case .stageLeft, .unpacking: "staging"
    case .unconfirmed: "switch"
    case .instanceNotServing, .instanceOrphaned, .instanceOutdated: "instances"
    case .serviceMismatch, .unhealthy, .healthNotAsked, .serviceUnconfirmed, .restarting: "service"
    }
  }

  /// Returns the level for `check`, where a finding is a problem if it makes a command fail, or if the
  /// next switch has to be done by a person.
  private static func level(of finding: StoreFinding, _ facts: StoreFacts) -> Finding.Level {
    switch finding.code {
    case .currentBroken, .previousBroken, .catalogCorrupt: .problem
    // A new host has nothing live yet.
    case .nothingLive where facts.snapshot.catalog.entries.isEmpty: .ok
    case let code where code.isAboutLiveRelease: finding.level == .problem ? .problem : .ok
    default:
      finding.refusal != nil ? .problem : finding.level == .note ? .ok : .warning
    }
  }
}
