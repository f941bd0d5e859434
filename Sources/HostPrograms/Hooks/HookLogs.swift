package import Linux
package import ReleaseModel
package import Text

/// The directory of the hook logs, or the reason why logs can't be kept.
package struct HookLogs: ~Copyable {
  /// The full path of the directory, for messages.
  let path: String
  let directory: Descriptor?
  /// Why the directory can't be opened; nil when it is open.
  let problem: Message?

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
  package init(unavailable problem: Message) {
    path = ""
    directory = nil
    self.problem = problem
  }
}

extension HookLogs {
  /// Returns the names that the current logs of a release have, of which some may not exist.
  package static func names(of id: ReleaseID) -> [String] {
    HookCall.Name.allCases.map { HookLogName(id: id, hook: $0).text }
  }

  /// Returns the release of a current log; nil for any other file.
  package static func release(ofLog name: String) -> ReleaseID? {
    HookLogName(name).flatMap { $0.text == name ? $0.id : nil }
  }
}
