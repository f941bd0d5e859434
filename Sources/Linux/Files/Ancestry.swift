extension Descriptor {
  /// Returns the status of this directory and of its parents up to the root directory. The list
  /// ends early if a parent has been removed.
  ///
  /// - Throws: `SystemError` if openat(2) or fstat(2) fails.
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
