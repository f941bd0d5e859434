package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension Store {
  /// Refuses a store whose releases can't be published or removed; see ``StoreMounts``.
  ///
  /// - Throws: `unsupported` for such a store, another error when its mounts can't be read.
  package func refuseSplitMounts() throws(ReleasesError) {
    try StoreMounts.refuseIfSplit(root, path)
  }
}

/// The mounts of the directories of a store.
package enum StoreMounts {
  /// Refuses a store whose `releases/` is on another mount than the directories that releases are
  /// renamed from and to. A rename can't cross mounts, not even bind mounts of one file system, and
  /// can't cross subvolumes.
  ///
  /// - Parameters:
  ///   - root: the store, or a directory that is to become one. A directory that does not exist yet
  ///     counts as being on the mount of its parent.
  ///   - path: the path of the store, for messages.
  /// - Throws: `unsupported` for such a store, another error when its mounts can't be read.
  package static func refuseIfSplit(
    _ root: borrowing Descriptor, _ path: String
  ) throws(ReleasesError) {
    let home = try place(of: [Layout.releases], root, path)
    for name in [Layout.staging, Layout.trash, Layout.manifests] {
      if try place(of: [Layout.control, name], root, path) == home { continue }
      let releases = "\(path)/\(Layout.releases)"
      throw ReleasesError(
        .unsupported,
        "\(path: releases) is on another mount, or in another subvolume, than"
          + " \(path: path)/\(Layout.control)/\(name): no release can be renamed from one to the other",
        hint: Hint(
          "mount the store as a whole; see the mount", shell: "findmnt -T \(releases.shellWord)"))
    }
  }

  /// A mount and a device, whose boundaries a rename can't cross.
  private struct Place: Equatable {
    let mount: MountIdentity
    let device: UInt64
  }

  /// Returns the mount and the device of a directory, or of its parent if it does not exist yet.
  ///
  /// - Throws: an error when the directory or its mount can't be read.
  private static func place(
    of names: [String], _ root: borrowing Descriptor, _ path: String
  ) throws(ReleasesError) -> Place {
    try withErrorMessage("can't read the mounts of \(path: path)") { () throws(SystemError) in
      // O_PATH requires no permission to read the directory.
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
