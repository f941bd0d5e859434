internal import Glibc

/// Finds directories that running processes use.
package enum DirectoriesInUse {
  /// Whether `/proc` hides the processes of other users, see hidepid in proc(5). Process 1 always
  /// exists, so its absence from `/proc` shows that.
  package static var othersAreHidden: Bool {
    do throws(SystemError) {
      _ = try status(ofPath: "/proc/self")
      _ = try status(ofPath: "/proc/1")
      return false
    } catch {
      return error.path == "/proc/1" && error.errno == .noEntry
    }
  }

  /// Returns the names in a directory whose trees contain the working directory, executable, root
  /// directory or a mapped file of a process. Bytes that are not UTF-8 are replaced. Processes that
  /// this user may not inspect are left out; see proc(5).
  ///
  /// - Throws: `SystemError` if `/proc` can't be read.
  package static func names(beneath directory: borrowing Descriptor) throws(SystemError) -> Set<
    String
  > {
    let base = try readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(directory.raw)")
    var names: Set<String> = []
    func note(_ path: ArraySlice<UInt8>) {
      if let name = name(of: path, rightBeneath: base) { names.insert(name) }
    }
    for entry in try Descriptor.openDirectory("/proc").entries() where Int32(entry.name) != nil {
      let process = "/proc/\(entry.name)"
      for link in ["cwd", "exe", "root"] {
        if let path = try? readLinkBytes(at: AT_FDCWD, "\(process)/\(link)") { note(path) }
      }
      guard let maps = try? Descriptor.open("\(process)/maps").readAll() else { continue }
      for line in maps.split(separator: UInt8(ascii: "\n")) {
        // Address, permissions, offset, device, inode, path: only the path can contain a slash.
        if let slash = line.firstIndex(of: UInt8(ascii: "/")) { note(line[slash...]) }
      }
    }
    return names
  }

  /// Returns the names in a directory whose trees contain the working directory or the executable of
  /// a process. A tree that was removed counts under its former name. Bytes that are not UTF-8 are
  /// replaced.
  ///
  /// - Parameters:
  ///   - pid: the process.
  ///   - directory: the directory.
  /// - Returns: the name of the working directory's tree first.
  /// - Throws: `SystemError` if the process does not exist, or this user may not inspect it.
  package static func names(
    ofProcess pid: Int32, beneath directory: borrowing Descriptor
  ) throws(SystemError) -> [String] {
    let base = try readLinkBytes(at: AT_FDCWD, "/proc/self/fd/\(directory.raw)")
    let removed = " (deleted)"
    let paths = [
      try readLinkBytes(at: AT_FDCWD, "/proc/\(pid)/cwd"),
      (try? readLinkBytes(at: AT_FDCWD, "/proc/\(pid)/exe")) ?? [],
    ]
    return paths.compactMap { name(of: $0, rightBeneath: base) }
      .map { $0.hasSuffix(removed) ? String($0.dropLast(removed.count)) : $0 }
  }
}
