internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Check {
  /// Reports what the file system guarantees, whether it can be changed, and how much is free.
  ///
  /// - Throws: ``ReleasesError`` when the file system can't be queried.
  func fileSystem(_ store: Store) throws(ReleasesError) -> [Finding] {
    let facts = try store.space()
    return refusalOfChanges(store, facts) + [durability(facts), freeSpace(facts)]
  }

  private func refusalOfChanges(
    _ store: Store, _ facts: FileSystemFacts
  ) -> [Finding] {
    let subject = "file system"
    // The findings of the store say it, and `check` shows them all.
    if facts.isReadOnly { return [] }
    let places =
      [".", Layout.releases, Layout.control]
      + Layout.controlDirectories.map { "\(Layout.control)/\($0)" }
    for place in places {
      let path = place == "." ? store.path : store.path(place)
      switch store.root.refusalOfChanges(place) {
      case .readOnlyFileSystem?:
        return [
          finding(
            subject, .problem, "\(path: path) is on a read-only mount or subvolume",
            hint: facts.type == "btrfs"
              ? Hint(
                "see which of them",
                shell: "findmnt -T \(path.shellWord); btrfs property get -ts \(path.shellWord) ro")
              : Hint("see the mount", shell: "findmnt -T \(path.shellWord)"))
        ]
      case .notPermitted?:
        return [
          finding(
            subject, .problem, "\(path: path) is immutable",
            hint: Hint(
              "remove the immutable attribute", shell: "\(Hint.asRoot)chattr -i \(path.shellWord)"))
        ]
      default:
        // Other checks report missing names and missing permissions.
        continue
      }
    }
    return []
  }

  /// Reports whether the file system keeps what was flushed when the power fails.
  private func durability(_ facts: FileSystemFacts) -> Finding {
    let subject = "file system"
    let unknown = "it is not known what survives a power failure"
    return switch facts.type {
    case "ext4", "xfs", "btrfs", "f2fs", "zfs": finding(subject, .ok, Message(facts.type))
    case "tmpfs": finding(subject, .warning, "tmpfs: everything is lost at a reboot")
    default:
      finding(
        subject, .warning,
        facts.isNetwork
          ? "\(facts.type): \(unknown), and only one host may change the store"
          : "\(facts.type): \(unknown)")
    }
  }

  private func freeSpace(_ facts: FileSystemFacts) -> Finding {
    let free = ByteSize(bytes: facts.freeBytes)
    let inodes = facts.freeInodes.map { ", \($0) inodes" } ?? ""
    let isShort = facts.freeBytes < 64 << 20 || facts.freeInodes.map { $0 < 1000 } ?? false
    return finding(
      "space", isShort ? .warning : .ok, "\(free)\(inodes) free",
      hint: isShort ? Hint(toFreeSpace: "see what could be removed") : nil)
  }
}
