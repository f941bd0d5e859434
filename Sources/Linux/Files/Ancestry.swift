extension Descriptor {
  /// Returns the status of this directory and of its parents up to the root directory. The list
  /// ends early where a parent has been removed.
  ///
  /// - Throws: `SystemError` as openat(2) and fstat(2).
  package func ancestry() throws(SystemError) -> [FileStatus] {
    var statuses = [try status()]
    do throws(SystemError) {
      var directory = try open("..", [.path, .directory])
      while case let status = try directory.status(), status.identity != statuses.last?.identity {
        statuses.append(status)
        directory = try directory.open("..", [.path, .directory])
      }
    } catch let error where error.errno == .noEntry {
      return statuses
    }
    return statuses
  }
}
