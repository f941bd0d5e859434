internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

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
    let hasOwn = try withErrorMessage("can't read the status of \(path: store.path(Layout.shared))")
    {
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

  /// Reports the hooks and health commands that can't run because of a noexec mount.
  ///
  /// - Throws: ``ReleasesError`` when the file system can't be queried.
  func programs(_ store: Store) throws(ReleasesError) -> [Finding] {
    let facts = try withErrorMessage(
      "can't query the file system of \(path: store.path(Layout.releases))"
    ) {
      () throws(SystemError) in
      try store.releases.fileSystem()
    }
    // Another check reports an invalid configuration.
    guard facts.isNoExec, let configuration = try? store.configuration() else { return [] }
    let affected = configuration.commands.filter { $0.command.isInRelease(of: store.path) }
    let path = store.path(Layout.releases)
    let keys = affected.map { "\($0.key) (\($0.command.text))" }.joined(separator: ", ")
    let general = "the service and hooks can't run programs of a release"
    return [
      finding(
        "mounts", affected.isEmpty ? .warning : .problem,
        "\(path: path) is mounted noexec: "
          + (affected.isEmpty ? "\(general)" : "can't run \(keys)"),
        hint: Hint(
          "mount it without noexec",
          shell: "mount -o remount,exec \"$(findmnt -no TARGET -T \(path))\""))
    ]
  }

  /// Returns the number of the group of the store's directory.
  ///
  /// - Throws: an error when its status can't be read.
  private func group(of store: Store) throws(ReleasesError) -> UInt32 {
    try withErrorMessage("can't read the status of \(path: store.path)") { () throws(SystemError) in
      try store.root.status().group
    }
  }

  /// Reports whether `/proc` hides the processes of other users.
  ///
  /// - Throws: no error; all checks have the same type.
  func processes(_ store: Store) throws(ReleasesError) -> [Finding] {
    guard DirectoriesInUse.othersAreHidden else { return [] }
    return [
      finding(
        "processes", .warning,
        "the processes of other users are hidden here (hidepid): a release that only they use"
          + " counts as unused, and the release that the service runs is unknown",
        hint: Hint(
          "let the group of the store's owner see them",
          shell: "mount -o remount,gid=\(try group(of: store)) /proc"))
    ]
  }
}
