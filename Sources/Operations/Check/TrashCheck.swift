internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension Check {
  /// Reports removed releases whose files are still in the trash although no command removes them.
  ///
  /// - Throws: ``ReleasesError`` when the trash can't be listed.
  func trash(_ store: Store) throws(ReleasesError) -> [Finding] {
    if let last = try store.journal.last(), last.writerIsAlive(bootID: environment.actor.bootID) {
      return []
    }
    let left: [TrashedItem]
    do throws(ReleasesError) {
      left = try Trash(store: store).items()
    } catch let error where error.code == .permission {
      // Only the owner of the store may list it.
      return []
    }
    return left.map { item in
      finding(
        "trash", .warning,
        "\(store.path(Layout.control, Layout.trash, item.name)) was left by a removal that failed or"
          + " was interrupted",
        hint: Hint("try again; the command says what prevents it", command: ["recover"]))
    }
  }
}
