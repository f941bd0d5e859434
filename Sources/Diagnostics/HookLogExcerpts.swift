internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// The ends of the newest hook logs.
enum HookLogExcerpts {
  /// How many logs are shown.
  private static let logCount = 4
  /// How many lines of each log are shown.
  private static let lineCount = 100
  /// How much of the end of each log is read, in bytes.
  private static let window = 64 << 10

  /// Reads the last lines of the newest hook logs, newest first, each under its file name.
  ///
  /// - Parameter path: the path of the store.
  /// - Returns: the text of the section.
  /// - Throws: an error when a log can't be read.
  static func read(_ path: String) throws(ReleasesError) -> DiagnosisSection.Output {
    let logs = "\(path)/\(Layout.control)/\(Layout.logs)"
    return try withErrorMessage("can't read the logs in \(logs)") { () throws(SystemError) in
      let directory = try Descriptor.openDirectory(path).openDirectory(Layout.control)
        .openDirectory(Layout.logs)
      var logs: [(name: String, modified: FileTime)] = []
      for entry in try directory.entries() where entry.isExact {
        guard let status = try directory.statusIfPresent(of: entry.name), status.kind == .file
        else { continue }
        logs.append((entry.name, status.modified))
      }
      if logs.isEmpty { return .init("there are no hook logs\n") }
      logs.sort { $0.modified > $1.modified }
      var content: [UInt8] = []
      for log in logs.prefix(logCount) {
        if !content.isEmpty { content.append(UInt8(ascii: "\n")) }
        content += Array("==> \(log.name) <==\n".utf8)
        content += try end(
          of: directory.openStoreFile(log.name, .hookLog),
          keeping: [HookLogs.release(ofLog: log.name)?.text].compactMap { $0 })
      }
      return .init(content, limit: (logCount + 1) * window)
    }
  }

  /// Reads the last lines, with secrets masked. The masking sees more lines than are shown, since the
  /// name of a secret may be in an earlier line.
  ///
  /// - Parameters:
  ///   - log: the log.
  ///   - count: how many lines are returned at most.
  ///   - identifiers: the IDs that the log may name.
  /// - Returns: the lines.
  /// - Throws: `SystemError` when the log can't be read.
  static func end(
    of log: borrowing Descriptor, lines count: Int = lineCount, keeping identifiers: [String]
  ) throws(SystemError) -> [UInt8] {
    let size = try log.status().size
    let start = max(0, size - Int64(window))
    var bytes = try log.read(count: Int(size - start), at: start)
    if start > 0 {
      // In an incomplete line, secrets could not be recognized.
      guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
        return Array("\(omittedLine(longerThan: window))\n".utf8)
      }
      bytes.removeSubrange(...end)
    }
    if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    return LegibleText.lastLines(count, of: Outgoing.lines(bytes, keeping: identifiers))
  }
}
