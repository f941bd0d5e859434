internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension Check {
  /// Reports whether releases can be published and removed. Both are renames, which can't cross
  /// mounts.
  ///
  /// - Throws: what ``Store/refuseSplitMounts()`` throws.
  func mounts(_ store: Store) throws(ReleasesError) -> [Finding] {
    try store.refuseSplitMounts()
    let subject = "mounts"
    var findings = [
      finding(subject, .ok, "\(Layout.releases) and \(Layout.control) are on one mount")
    ]
    let hasOwn = try attempting("can't look at \(store.path(Layout.shared))") {
      () throws(SystemError) in
      guard try store.root.statusIfPresent(of: Layout.shared)?.kind == .directory else {
        return false
      }
      return try store.root.open(Layout.shared, [.path, .directory, .noFollow]).mountIdentity()
        != store.root.mountIdentity()
    }
    if hasOwn {
      findings.append(finding(subject, .ok, "\(Layout.shared) is on a mount of its own"))
    }
    return findings
  }

  /// Reports the hooks and health commands that a noexec mount keeps from running.
  ///
  /// - Throws: ``ReleasesError`` when the file system can't be queried.
  func programs(_ store: Store) throws(ReleasesError) -> [Finding] {
    let facts = try attempting("can't look at the mount of \(store.path(Layout.releases))") {
      () throws(SystemError) in try store.releases.fileSystem()
    }
    // Another look reports an invalid configuration.
    guard facts.isNoExec, let configuration = try? store.configuration() else { return [] }
    let stopped = configuration.commands.filter { $0.command.isInRelease(of: store.path) }
    let path = store.path(Layout.releases)
    let keys = stopped.map { "\($0.key) (\($0.command.text))" }.joined(separator: ", ")
    let general = "no program of a release can be run, by the service or by a hook"
    return [
      finding(
        "mounts", stopped.isEmpty ? .warning : .problem,
        "\(path) is mounted noexec: "
          + (stopped.isEmpty ? general : "this can't be run: \(keys)"),
        hint: "mount -o remount,exec \"$(findmnt -no TARGET -T \(path))\"")
    ]
  }

  /// Reports whether `/proc` hides the processes of other users.
  func processes(_ store: Store) throws(ReleasesError) -> [Finding] {
    guard DirectoriesInUse.othersAreHidden else { return [] }
    return [
      finding(
        "processes", .warning,
        "the processes of other users are hidden here (hidepid): a release that only they use"
          + " counts as unused, and which release the service runs is unknown",
        hint: "let the group of the store's owner see them: mount -o remount,gid=GROUP /proc")
    ]
  }
}
