internal import Configuration
internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

/// One thing that was looked at before it can go wrong.
package struct Finding: Sendable {
  package enum Level: String, Sendable { case ok, warning, problem }

  package let subject: String
  package let level: Level
  package let message: String
  package let hint: Hint?
  /// Of a problem that a command would fail with.
  package var code: ReleasesError.Code?
}

/// Looks at all that a deploy would need; changes nothing, and goes on after each problem.
package struct Check {
  private let path: String
  let environment: Environment
  private var findings: [Finding] = []

  package static func run(_ path: String, _ environment: Environment) -> [Finding] {
    var check = Check(path: path, environment: environment)
    check.run()
    return check.findings
  }

  private init(path: String, environment: Environment) {
    self.path = path
    self.environment = environment
  }

  private mutating func run() {
    let store: Store
    do throws(ReleasesError) {
      store = try Store.open(path)
    } catch {
      findings.append(problem(error))
      return
    }
    findings.append(finding("store", .ok, path))
    let looks = [
      Check.journal, Check.links, Check.catalog, Check.history, Check.fileSystem,
      Check.mounts, Check.programs, Check.processes,
      Check.sharing, Check.configuration, Check.startLimit, Check.trust, Check.containment,
    ]
    for look in looks {
      do throws(ReleasesError) {
        findings += try look(self)(store)
      } catch {
        findings.append(problem(error))
      }
    }
  }

  func problem(_ error: ReleasesError) -> Finding {
    let cause = error.cause.map { ": \($0)" } ?? ""
    return Finding(
      subject: error.code.rawValue, level: .problem, message: error.message + cause,
      hint: error.hint, code: error.code)
  }
}

// MARK: - What is looked at

extension Check {
  private func links(_ store: Store) throws(ReleasesError) -> [Finding] {
    let snapshot = try store.snapshot()
    try Preflight(store: store).refuseRealDirectories(snapshot)
    return [(Layout.current, snapshot.current), (Layout.previous, snapshot.previous)].map {
      switch $1.state {
      case .missing: finding("links", .ok, "no \($0) yet")
      case .release(let id): finding("links", .ok, "\($0) leads to \(id)")
      case .dangling(let id):
        finding(
          "links", .problem, "\($0) leads to \(id), which is not there",
          hint: "activate another one; see: releases list")
      case .elsewhere, .notALink:
        finding(
          "links", .problem, "\($0) leads to \($1.text ?? "nothing"), which is no release",
          hint: snapshot.releaseOfMovedLink(snapshot.current).map {
            "if the store was moved here: releases activate \($0)"
          } ?? "activate one; see: releases list")
      }
    }
  }

  private func journal(_ store: Store) throws(ReleasesError) -> [Finding] {
    let lock = store.path(Layout.control, Layout.lock)
    let kind = try attempting("can't look at \(lock)") { () throws(SystemError) in
      try store.control.statusIfPresent(of: Layout.lock)?.kind
    }
    if let kind, kind != .file {
      return [
        finding(
          "journal", .problem, "\(lock) is a \(kind.noun), not a file",
          hint: "move it out of the way, then make it again from the links: releases recover")
      ]
    }
    guard store.journal.isReadable else {
      return [
        finding(
          "journal", .warning, "only for its owner to read, so nobody looked whether it is whole",
          hint: "run it as the owner of the store, or with sudo")
      ]
    }
    guard let last = try store.journal.last() else {
      return [
        finding(
          "journal", .warning, "missing or damaged",
          hint: "make it again from the links: releases recover")
      ]
    }
    guard last.phase == .intent, !last.writerIsAlive(bootID: environment.actor.bootID) else {
      return [finding("journal", .ok, "nothing is interrupted")]
    }
    return [
      finding(
        "journal", .warning,
        "\(last.operation.rawValue) by \(last.user) was interrupted",
        hint: "settle it: releases recover")
    ]
  }

  private func catalog(_ store: Store) throws(ReleasesError) -> [Finding] {
    let snapshot = try store.snapshot()
    var findings = snapshot.catalog.corrupt.map {
      finding(
        "catalog", .problem, "what was known of \($0) is damaged",
        hint: "take it over again: releases init")
    }
    for entry in snapshot.newestFirst where !snapshot.directories.contains(entry.id) {
      findings.append(
        finding(
          "catalog", .warning, "release \(entry.id) is known but its directory is gone",
          hint: "forget it: releases remove \(entry.id)"))
    }
    if !snapshot.unknown.isEmpty {
      let names = snapshot.unknown.map(\.text).joined(separator: ", ")
      findings.append(
        finding(
          "catalog", .warning, "nothing is known of \(names)", hint: "take it over: releases init"))
    }
    for entry in snapshot.newestFirst where snapshot.directories.contains(entry.id) {
      guard case .unusable(let why) = try store.manifests.manifest(of: entry.id) else { continue }
      findings.append(
        finding(
          "manifests", .problem, "release \(entry.id) can't be checked: \(why)",
          hint: "when you know it is whole: releases activate \(entry.id) --force"))
    }
    if findings.isEmpty {
      let count = snapshot.catalog.entries.count
      findings.append(finding("catalog", .ok, count == 1 ? "1 release" : "\(count) releases"))
    }
    return findings
  }

  private func history(_ store: Store) throws(ReleasesError) -> [Finding] {
    let history = try store.history.read()
    guard let line = history.corruptLines.first else {
      let entries = history.entries.count
      return [finding("history", .ok, entries == 1 ? "1 entry" : "\(entries) entries")]
    }
    return [
      finding(
        "history", .warning,
        "\(history.corruptLines.count) damaged lines, the first is line \(line)"
          + " of \(store.path(Layout.control, Layout.history))",
        hint: "the other lines are good; nothing depends on it")
    ]
  }

  private func configuration(_ store: Store) throws(ReleasesError) -> [Finding] {
    let configuration = try store.configuration()
    let file = store.path(Layout.configuration)
    let isThere = try attempting("can't look at \(file)") { () throws(SystemError) in
      try store.root.statusIfPresent(of: Layout.configuration) != nil
    }
    var findings = [
      finding("configuration", .ok, isThere ? "\(file) is valid" : "no \(file); defaults apply")
    ]
    for file in configuration.shared.files {
      if let problem = try Preflight(store: store).problem(ofSharedFile: file) {
        findings.append(
          finding(
            "shared", .problem, problem, hint: "put it there; no release can go live without it"))
      }
    }
    for problem in ReleasePrograms(store: store, environment: environment)
      .problems(in: configuration)
    {
      findings.append(self.problem(problem))
    }
    return findings
  }

  func finding(
    _ subject: String, _ level: Finding.Level, _ message: String, hint: Hint? = nil
  ) -> Finding {
    Finding(subject: subject, level: level, message: message, hint: hint)
  }
}
