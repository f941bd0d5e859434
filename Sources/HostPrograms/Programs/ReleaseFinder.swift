internal import Linux
internal import ReleaseModel

/// Finds the releases that processes were started from.
struct ReleaseFinder {
  /// Where a process runs.
  struct Place {
    let process: ReleaseProcess
    /// The release that contains its working directory, or else its executable; nil for none.
    let release: ReleaseID?
    /// Its working directory, for messages.
    let path: String
  }

  /// The releases by the inodes of their directories, since a process may see them at other paths.
  private let known: [FileIdentity: ReleaseID]

  /// Reads which releases there are.
  ///
  /// - Throws: `SystemError` if the directory of the releases can't be read.
  init(_ releases: borrowing Descriptor) throws(SystemError) {
    var known: [FileIdentity: ReleaseID] = [:]
    for entry in try releases.entries() where entry.isExact {
      guard let id = ReleaseID(entry.name), let status = try? releases.status(of: entry.name)
      else { continue }
      known[status.identity] = id
    }
    self.known = known
  }

  /// Returns where a process runs, by the inodes of its working directory and of the directories above
  /// it, and by the paths of its working directory and its executable.
  ///
  /// - Parameters:
  ///   - pid: the process.
  ///   - releases: the directory of the releases.
  /// - Returns: the place.
  /// - Throws: `SystemError` if the process does not exist, or this user may not inspect it.
  func place(of pid: Int32, in releases: borrowing Descriptor) throws(SystemError) -> Place {
    let directory = try ProcessFacts.workingDirectory(of: pid)
    var found = try directory.ancestry().compactMap { known[$0.identity] }
    found += try DirectoriesInUse.names(ofProcess: pid, beneath: releases)
      .compactMap { ReleaseID($0) }
    return Place(
      process: ReleaseProcess(pid: pid, releases: Set(found)), release: found.first,
      path: directory.path ?? "a directory whose name is not UTF-8")
  }
}
