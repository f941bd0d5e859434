internal import CLinux
internal import Glibc

/// The identity of a mount. Two mounts of one file system (bind mounts) have different identities,
/// so comparing those of two open files shows whether a mount point lies between them.
package struct MountIdentity: Hashable, Sendable {
  private enum Source: Hashable {
    case mount(UInt64)
    case device(UInt64)
  }

  private let source: Source

  fileprivate init(mount number: UInt64) { source = .mount(number) }
  fileprivate init(device number: UInt64) { source = .device(number) }

  /// Whether bind mounts of one file system have different identities; false if only the device is
  /// known.
  package var isExact: Bool {
    if case .mount = source { true } else { false }
  }
}

extension Descriptor {
  /// Returns the mount through which this file was opened. The sources are tried in this order:
  /// statx(2) since Linux 5.8, name_to_handle_at(2), which some containers and file systems lack,
  /// and proc(5). Without all three it is the device of fstat(2); see ``MountIdentity/isExact``.
  ///
  /// - Throws: `SystemError` when fstat(2) fails, or the limit of open files is reached.
  package func mountIdentity() throws(SystemError) -> MountIdentity {
    var number: UInt64 = 0
    if clinux_mount_of_statx(raw, &number) == 0 || clinux_mount_of_handle(raw, &number) == 0 {
      return MountIdentity(mount: number)
    }
    if let number = try mountInProc() { return MountIdentity(mount: number) }
    return MountIdentity(device: try status().device)
  }

  /// Reads the line `mnt_id:` of proc_pid_fdinfo(5); nil without `/proc`.
  ///
  /// - Throws: `SystemError` when the file in `/proc` can't be read.
  private func mountInProc() throws(SystemError) -> UInt64? {
    let text: String
    do throws(SystemError) {
      text = try readText("/proc/self/fdinfo/\(raw)")
    } catch let error where error.errno.lacksProc {
      return nil
    }
    let label = "mnt_id:"
    return text.split(separator: "\n").first { $0.hasPrefix(label) }.flatMap { line in
      UInt64(line.dropFirst(label.count).drop { $0.isWhitespace })
    }
  }
}

extension Errno {
  /// Whether this is the error of a path beneath `/proc` when `/proc` is not mounted or is masked.
  fileprivate var lacksProc: Bool {
    self == .noEntry || self == .notADirectory || self == .accessDenied
  }
}
