package import Linux

/// The directory of the hook logs, or the reason why logs can't be kept.
package struct HookLogs: ~Copyable {
  /// The full path of the directory, for messages.
  let path: String
  let directory: Descriptor?
  /// Why the directory can't be opened; nil when it is open.
  let problem: String?

  /// Makes the directory of the hook logs.
  ///
  /// - Parameters:
  ///   - directory: the open directory.
  ///   - path: its full path, for messages.
  package init(_ directory: consuming Descriptor, path: String) {
    self.path = path
    self.directory = .some(consume directory)
    problem = nil
  }

  /// Makes a directory that can't be used.
  ///
  /// - Parameter problem: why the directory can't be opened.
  package init(unavailable problem: String) {
    path = ""
    directory = nil
    self.problem = problem
  }
}
