internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension Check {
  /// Whether releases can share what they have in common.
  func sharing(_ store: Store) throws(ReleasesError) -> [Finding] {
    // What is wrong with the configuration is told elsewhere.
    guard let share = (try? store.configuration())?.unpack.share else { return [] }
    let subject = "sharing"
    if share == .never {
      return [finding(subject, .ok, "each release has all its files to itself (unpack.share)")]
    }
    let type = try store.space().type
    let staging = try store.controlDirectory(Layout.staging)
    let blocks: Bool
    do throws(SystemError) {
      blocks = try staging.canShareContent()
    } catch let error where error.errno.isRefusal || error.errno.isOutOfSpace {
      return [finding(subject, .ok, "only its owner can see whether \(type) shares blocks")]
    } catch {
      throw ReleasesError("can't look at the file system", error)
    }
    switch (share, blocks) {
    case (.hardlink, _):
      return [
        finding(
          subject, .ok,
          "new releases are read-only, and equal files hard links (unpack.share: hardlink)")
      ]
    case (_, true):
      return [finding(subject, .ok, "new releases share the blocks of equal files on \(type)")]
    case (_, false):
      return [
        finding(
          subject, .ok, "\(type) can't share blocks: each release takes its full size",
          hint: "read-only hard links would save room; see unpack.share in releases.yaml(5)")
      ]
    }
  }
}
