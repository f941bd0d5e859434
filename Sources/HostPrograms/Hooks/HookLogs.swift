package import Linux

/// The directory of the hook logs, or the reason why logs can't be kept.
package struct HookLogs: ~Copyable {
  /// The full path, for messages.
  let path: String
  let directory: Descriptor?
  let problem: String?

  package init(_ directory: consuming Descriptor, path: String) {
    self.path = path
    self.directory = .some(consume directory)
    problem = nil
  }

  /// - Parameter problem: why the directory can't be opened.
  package init(unavailable problem: String) {
    path = ""
    directory = nil
    self.problem = problem
  }
}
