internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Check {
  /// Reports whether releases can share equal files.
  ///
  /// - Throws: ``ReleasesError`` when the file system can't be queried.
  func sharing(_ store: Store) throws(ReleasesError) -> [Finding] {
    // Another check reports an invalid configuration.
    guard let share = (try? store.configuration())?.unpack.share else { return [] }
    let subject = "sharing"
    if share == .never {
      return [finding(subject, .ok, "releases do not share files (unpack.share: never)")]
    }
    let type = try store.space().type
    let staging = try store.controlDirectory(Layout.staging)
    let blocks: Bool
    do throws(SystemError) {
      blocks = try staging.canShareContent()
    } catch let error where error.errno.isRefusal || error.errno.isOutOfSpace {
      return [
        finding(
          subject, .ok, "only the owner of the store can find out whether \(type) shares blocks")
      ]
    } catch {
      throw ReleasesError("can't query the file system", error)
    }
    switch (share, blocks) {
    case (.hardlink, _):
      return [
        finding(
          subject, .ok,
          "new releases are read-only, and equal files are hard links (unpack.share: hardlink)")
      ]
    case (_, true):
      return [finding(subject, .ok, "new releases share the blocks of equal files on \(type)")]
    case (_, false):
      return [
        finding(
          subject, .ok, "\(type) can't share blocks: each release takes its full size",
          hint: Hint(
            "to save space with read-only hard links, see unpack.share",
            shell: "man 5 releases.yaml"))
      ]
    }
  }
}
