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
  /// this user may not inspect are left out, see proc(5).
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
}
