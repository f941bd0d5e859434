internal import HostPrograms
internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension Diagnosis {
  /// Finds the release whose hook ran last.
  ///
  /// - Returns: nil when there are no hook logs.
  /// - Throws: an error when the logs can't be read.
  package func releaseOfNewestLog() throws(ReleasesError) -> ReleaseID? {
    let path = "\(path)/\(Layout.control)/\(Layout.logs)"
    return try withErrorMessage("can't read the logs in \(path: path)") { () throws(SystemError) in
      let directory = try Descriptor.openDirectory(path)
      var newest: (id: ReleaseID, modified: FileTime)?
      for entry in try directory.entries() where entry.isExact {
        guard let id = HookLogs.release(ofLog: entry.name),
          let status = try directory.statusIfPresent(of: entry.name)
        else { continue }
        if newest.map({ status.modified > $0.modified }) ?? true { newest = (id, status.modified) }
      }
      return newest?.id
    }
  }

  /// Makes one section for each hook log of a release, in the order in which the hooks ran, and one
  /// for the log of each unit. With instances, the units are those of the release.
  ///
  /// - Parameters:
  ///   - id: the release; nil for the logs of the units alone.
  ///   - count: how many lines of each log are shown at most.
  ///   - service: what the configuration says about the service.
  /// - Returns: the sections; empty when there are no logs.
  package func logSections(
    of id: ReleaseID?, lines count: Int, _ service: Service
  ) -> [DiagnosisSection] {
    var sections = id.map { hookLogSections(of: $0, lines: count) } ?? []
    sections += service.units(of: id).map { unit in
      section("\(DiagnosisSection.unitLog)\(unit)") { () throws(ReleasesError) in
        var log = try output(of: [
          "journalctl", "--no-pager", "-n", "\(count)", service.unitOption, unit,
        ])
        // journalctl(1) succeeds if the user may only read their own messages.
        if log.isClosed { log.outcome = .failed }
        return log
      }
    }
    return sections
  }

  private func hookLogSections(of id: ReleaseID, lines count: Int) -> [DiagnosisSection] {
    let path = "\(path)/\(Layout.control)/\(Layout.logs)"
    var found: [(name: String, modified: FileTime)] = []
    for name in HookLogs.names(of: id) {
      guard let status = try? status(ofPath: "\(path)/\(name)"), status.kind == .file else {
        continue
      }
      found.append((name, status.modified))
    }
    found.sort { $0.modified < $1.modified }
    return found.map { log in
      section(log.name) { () throws(ReleasesError) in
        try withErrorMessage("can't read \(path: path)/\(log.name)") { () throws(SystemError) in
          let directory = try Descriptor.openDirectory(path)
          let file = try directory.openStoreFile(log.name, .hookLog)
          return .init(
            try HookLogExcerpts.end(of: file, lines: count, keeping: [id.text]), limit: 1 << 20)
        }
      }
    }
  }
}

extension DiagnosisSection {
  /// What the name of a section with the log of a unit begins with.
  fileprivate static let unitLog = "journal of "

  /// Whether it is the log of a unit, and not that of a hook.
  package var isOfUnit: Bool { name.hasPrefix(Self.unitLog) }
}

extension DiagnosisSection.Output {
  /// Whether it is the log of a unit that shows nothing, because only other users' messages are in it.
  fileprivate var isClosed: Bool {
    let text = String(decoding: content, as: UTF8.self)
    return text.contains("-- No entries --")
      && text.contains("You are currently not seeing messages from other users")
  }
}
