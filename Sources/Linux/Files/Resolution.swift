internal import CLinux
internal import Glibc
internal import Synchronization
internal import Text

/// Whether openat2(2) is available. Kernels before 5.6 lack it, and systemd's `RestrictSUIDSGID`
/// and older container profiles block it.
private enum KernelResolution {
  private static let missing = Atomic(false)

  static var isMissing: Bool { missing.load(ordering: .relaxed) }
  /// Records that the call is missing, since each further attempt would cost a call for each file.
  static func remember() { missing.store(true, ordering: .relaxed) }

  /// The number of attempts to resolve a path when renames interfere (EAGAIN).
  static let attempts = 32
}

extension Descriptor {
  /// Opens a path beneath this directory. The path must not leave the directory by `..`, contain a
  /// link of any kind, or cross to another mount; see openat2(2). If that call is missing, the path
  /// is opened component by component, and any `..` fails.
  ///
  /// - Throws: `SystemError`: EXDEV for a path that leaves this directory or its mount, ELOOP for
  ///   one with a link in it; otherwise the error of open(2).
  package func openBeneath(
    _ path: String, _ flags: OpenFlags, mode: FileMode = 0
  ) throws(SystemError) -> Descriptor {
    let resolve =
      UInt64(RESOLVE_BENEATH) | UInt64(RESOLVE_NO_SYMLINKS) | UInt64(RESOLVE_NO_MAGICLINKS)
      | UInt64(RESOLVE_NO_XDEV)
    return try resolved(
      by: { path.withCString { clinux_openat2(raw, $0, flags.forKernel, UInt64(mode), resolve) } },
      self.path(of: path)
    ) { () throws(SystemError) in
      try openByComponents(path, flags, mode)
    }
  }

  /// Opens a directory in this one.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - additional: flags besides ``OpenFlags/directory`` and ``OpenFlags/noFollow``.
  /// - Returns: its descriptor.
  /// - Throws: `SystemError`: ENOTDIR for a link, EXDEV for a mount point; otherwise the error of
  ///   openat(2).
  func openDirectoryOfSameMount(
    _ name: UnsafePointer<CChar>, _ additional: OpenFlags = []
  ) throws(SystemError) -> Descriptor {
    let flags: OpenFlags = [.directory, .noFollow, additional]
    return try resolved(
      by: { clinux_openat2(raw, name, flags.forKernel, 0, UInt64(RESOLVE_NO_XDEV)) },
      path(of: String(cString: name))
    ) { () throws(SystemError) in
      let directory = Descriptor(
        owning: try systemCall("openat", path(of: String(cString: name))) {
          openat(raw, name, flags.rawValue | O_CLOEXEC)
        })
      try requireMount(try mountIdentity(), of: directory, String(cString: name))
      return directory
    }
  }

  /// Resolves a path by openat2(2), or by the fallback if that call is missing.
  ///
  /// - Throws: `SystemError` when the path can't be resolved.
  private func resolved(
    by kernel: () -> Int32, _ path: @autoclosure () -> String?,
    or fallback: () throws(SystemError) -> Descriptor
  ) throws(SystemError) -> Descriptor {
    if KernelResolution.isMissing { return try fallback() }
    var attempts = 1
    while true {
      do throws(SystemError) {
        return Descriptor(owning: try systemCall("openat2", path(), kernel))
      } catch let error where error.errno.isUnsupported {
        if error.errno == .notImplemented { KernelResolution.remember() }
        let opened = try fallback()
        KernelResolution.remember()
        return opened
      } catch let error where error.errno == .wouldBlock && attempts < KernelResolution.attempts {
        attempts += 1
      }
    }
  }
}

// MARK: - Component by component

extension Descriptor {
  private func openByComponents(
    _ path: String, _ flags: OpenFlags, _ mode: FileMode
  ) throws(SystemError) -> Descriptor {
    let names = path.nameComponents
    if path.isAbsolutePath || names.contains(where: { $0.isSameName(as: "..") }) {
      throw SystemError(call: "openat", path: self.path(of: path), errno: .crossDevice)
    }
    if path.isEmpty { throw SystemError(call: "openat", path: self.path, errno: .noEntry) }
    let mount = try mountIdentity()
    // A slash or a dot at the end requires a directory.
    let isDirectory = path.utf8.last == UInt8(ascii: "/") || path.hasSuffix("/.")
    let flags = isDirectory ? flags.union(.directory) : flags
    guard let last = names.last else { return try openComponent(".", flags, mode, mount) }
    var directory = try openComponent(".", [.path, .directory], 0, mount)
    for name in names.dropLast() {
      directory = try directory.openComponent(name, [.path, .directory], 0, mount)
    }
    return try directory.openComponent(last, flags, mode, mount)
  }

  private func openComponent(
    _ name: String, _ flags: OpenFlags, _ mode: FileMode, _ mount: MountIdentity
  ) throws(SystemError) -> Descriptor {
    let opened: Descriptor
    do throws(SystemError) {
      opened = try open(name, flags.union(.noFollow), mode: mode)
    } catch let error where error.errno == .notADirectory && !flags.contains(.noFollow) {
      throw isLink(name)
        ? SystemError(call: "openat", path: error.path, errno: .tooManyLinks) : error
    }
    // O_PATH opens a link itself.
    if flags.contains(.path), !flags.contains(.noFollow), try opened.status().kind == .symbolicLink
    {
      throw SystemError(call: "openat", path: path(of: name), errno: .tooManyLinks)
    }
    try requireMount(mount, of: opened, name)
    return opened
  }

  private func isLink(_ name: String) -> Bool {
    (try? status(of: name).kind) == .symbolicLink
  }

  private func requireMount(
    _ mount: MountIdentity, of opened: borrowing Descriptor, _ name: String
  ) throws(SystemError) {
    guard try opened.mountIdentity() == mount else {
      throw SystemError(call: "openat", path: path(of: name), errno: .crossDevice)
    }
  }
}

extension OpenFlags {
  fileprivate var forKernel: UInt64 { UInt64(rawValue | O_CLOEXEC) }
}
