internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// What the hooks said last.
enum HookLogs {
  private static let newest = 4
  private static let lines = 100
  /// Of the end of each log, in bytes.
  private static let window = 64 << 10

  /// The ends of the newest logs, the newest first, each under its name.
  static func answer(_ path: String) throws(ReleasesError) -> DiagnosisSection.Answer {
    let place = "\(path)/\(Layout.control)/\(Layout.logs)"
    return try attempting("can't read the logs in \(place)") { () throws(SystemError) in
      let directory = try Descriptor.openDirectory(path).openDirectory(Layout.control)
        .openDirectory(Layout.logs)
      var logs: [(name: String, modified: FileTime)] = []
      for entry in try directory.entries() where entry.isExact {
        guard let status = try directory.statusIfPresent(of: entry.name), status.kind == .file
        else { continue }
        logs.append((entry.name, status.modified))
      }
      if logs.isEmpty { return .init("no hook has left a log\n") }
      logs.sort {
        ($0.modified.seconds, $0.modified.nanoseconds)
          > ($1.modified.seconds, $1.modified.nanoseconds)
      }
      var content: [UInt8] = []
      for log in logs.prefix(newest) {
        if !content.isEmpty { content.append(UInt8(ascii: "\n")) }
        content += Array("==> \(log.name) <==\n".utf8)
        content += try end(of: directory.open(log.name, [.noFollow, .nonBlocking]))
      }
      return .init(content, limit: (newest + 1) * window)
    }
  }

  /// The last lines, without secrets: what tells them as such may stand before the lines shown.
  private static func end(of log: borrowing Descriptor) throws(SystemError) -> [UInt8] {
    let size = try log.status().size
    let start = max(0, size - Int64(window))
    var bytes = try log.read(count: Int(size - start), at: start)
    if start > 0 {
      // Of a line that begins before, nobody can tell what its words belong to.
      guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
        return Array("[a line of more than \(window) bytes left out]\n".utf8)
      }
      bytes.removeSubrange(...end)
    }
    if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    return LegibleText.lastLines(lines, of: Secrets.masked(LegibleText.clean(bytes)))
  }
}
