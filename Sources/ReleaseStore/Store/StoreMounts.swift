internal import Linux

extension Store {
  /// Refuses a store whose releases can't be published or removed, see
  /// ``refuseSplitMounts(_:_:)``.
  ///
  /// - Throws: `unsupported`, or what keeps from looking.
  func refuseSplitMounts() throws(ReleasesError) { try Self.refuseSplitMounts(root, path) }

  /// Refuses a directory of a store where `releases/` lies on another mount than what is renamed to it
  /// and from it. A rename leads neither to another mount, not even of the same file system (bind
  /// mounts), nor to another subvolume.
  ///
  /// - Parameter root: the store, or what is to become one: what is not there yet will lie where the
  ///   directory above it does.
  /// - Throws: `unsupported`, or what keeps from looking.
  static func refuseSplitMounts(
    _ root: borrowing Descriptor, _ path: String
  ) throws(ReleasesError) {
    let home = try place(of: [Layout.releases], root, path)
    for name in [Layout.staging, Layout.trash, Layout.manifests] {
      if try place(of: [Layout.control, name], root, path) == home { continue }
      let releases = "\(path)/\(Layout.releases)"
      throw ReleasesError(
        .unsupported,
        "\(releases) is on another mount, or in another subvolume, than"
          + " \(path)/\(Layout.control)/\(name): no release can be renamed from one to the other",
        hint: "mount the whole store instead; see what is mounted: findmnt -T \(releases)")
    }
  }

  /// What a rename can't leave.
  private struct Place: Equatable {
    let mount: MountIdentity
    let device: UInt64
  }

  /// Where a directory is, or would be made.
  private static func place(
    of names: [String], _ root: borrowing Descriptor, _ path: String
  ) throws(ReleasesError) -> Place {
    try attempting("can't look at the mounts of \(path)") { () throws(SystemError) in
      // The right to read it is not needed for that.
      var directory = try root.open(".", [.path, .directory])
      for name in names {
        do throws(SystemError) {
          directory = try directory.open(name, [.path, .directory, .noFollow])
        } catch let error where error.errno == .noEntry {
          break
        }
      }
      return Place(mount: try directory.mountIdentity(), device: try directory.status().device)
    }
  }
}
