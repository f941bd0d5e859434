extension Descriptor {
  /// This directory and those it lies in, up to the root, or to where one has been removed.
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
