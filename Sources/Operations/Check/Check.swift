internal import Configuration
internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

/// The result of one check.
package struct Finding: Sendable {
  /// How serious a finding is.
  package enum Level: String, Sendable { case ok, warning, problem }

  /// What was checked, such as `journal`; scripts rely on it.
  package let subject: String
  package let level: Level
  package let message: String
  package let hint: Hint?
  /// The code of the error that the affected command would return; nil when no command would fail.
  package var code: ReleasesError.Code?
}

/// Checks everything that a deployment needs: `check`. It changes nothing, and continues after each
/// problem.
package struct Check {
  /// The path of the store.
  private let path: String
  let environment: Environment
  private var findings: [Finding] = []

  /// Runs all checks.
  ///
  /// - Parameters:
  ///   - path: the path of the store.
  ///   - environment: what is taken from outside the store.
  /// - Returns: the findings, in the order of the checks.
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
    let checks = [
      Check.journal, Check.links, Check.catalog, Check.history, Check.fileSystem,
      Check.mounts, Check.programs, Check.processes,
      Check.sharing, Check.configuration, Check.startLimit, Check.trust, Check.sandbox,
    ]
    for check in checks {
      do throws(ReleasesError) {
        findings += try check(self)(store)
      } catch {
        findings.append(problem(error))
      }
    }
  }

  /// Makes a finding of an error that a command would return.
  func problem(_ error: ReleasesError) -> Finding {
    Finding(
      subject: error.code.rawValue, level: .problem, message: error.line,
      hint: error.hint, code: error.code)
  }
}

// MARK: - The files of the store

extension Check {
  private func links(_ store: Store) throws(ReleasesError) -> [Finding] {
    let snapshot = try store.snapshot()
    try Preflight(store: store).refuseUnlessLinks(snapshot)
    return [(Layout.current, snapshot.current), (Layout.previous, snapshot.previous)].map {
      switch $1.state {
      case .missing: finding("links", .ok, "no \($0) yet")
      case .release(let id): finding("links", .ok, "\($0) points to \(id)")
      case .dangling(let id):
        finding(
          "links", .problem, "\($0) points to \(id), which does not exist",
          hint: Hint("activate another release; see", command: ["list"]))
      case .elsewhere, .notALink:
        finding(
          "links", .problem,
          "\($0) points to \($1.text ?? "nothing"), which is not a release of this store",
          hint: snapshot.releaseOfMovedLink(snapshot.current).map {
            Hint("if the store was moved here, replace the link", command: ["activate", $0.text])
          } ?? Hint("activate a release; see", command: ["list"]))
      }
    }
  }

  private func journal(_ store: Store) throws(ReleasesError) -> [Finding] {
    let lock = store.path(Layout.control, Layout.lock)
    let kind = try withErrorMessage("can't read the status of \(lock)") { () throws(SystemError) in
      try store.control.statusIfPresent(of: Layout.lock)?.kind
    }
    if let kind, kind != .file {
      return [
        finding(
          "journal", .problem, "\(lock) is a \(kind.noun), not a file",
          hint: Hint(
            "move it out of the way, then rebuild the journal from the links",
            command: ["recover"]))
      ]
    }
    guard store.journal.isReadable else {
      return [
        finding(
          "journal", .warning, "readable only by its owner, so it was not checked",
          hint: Hint(
            "check it as the owner of the store or as root",
            shell: "sudo releases --store \(store.path) check"))
      ]
    }
    guard let last = try store.journal.last() else {
      return [
        finding(
          "journal", .warning, "missing or corrupt",
          hint: Hint("rebuild it from the links", command: ["recover"]))
      ]
    }
    guard last.phase == .intent, !last.writerIsAlive(bootID: environment.actor.bootID) else {
      return [finding("journal", .ok, "no command was interrupted")]
    }
    return [
      finding(
        "journal", .warning,
        "\(last.operation.rawValue) by \(last.user) was interrupted",
        hint: Hint("recover it", command: ["recover"]))
    ]
  }

  private func catalog(_ store: Store) throws(ReleasesError) -> [Finding] {
    let snapshot = try store.snapshot()
    var findings = snapshot.catalog.corrupt.map {
      finding(
        "catalog", .problem, "the catalog entry of release \($0) is corrupt",
        hint: Hint("adopt the release again", command: ["init"]))
    }
    for entry in snapshot.newestFirst where !snapshot.directories.contains(entry.id) {
      findings.append(
        finding(
          "catalog", .warning, "release \(entry.id) has a catalog entry but no directory",
          hint: Hint("remove the entry", command: ["remove", entry.id.text])))
    }
    if !snapshot.unknown.isEmpty {
      let names = snapshot.unknown.map(\.text).joined(separator: ", ")
      findings.append(
        finding(
          "catalog", .warning, "no catalog entry for \(names)",
          hint: Hint("adopt them", command: ["init"])))
    }
    for entry in snapshot.newestFirst where snapshot.directories.contains(entry.id) {
      guard case .unusable(let reason) = try store.manifests.manifest(of: entry.id) else {
        continue
      }
      findings.append(
        finding(
          "manifests", .problem, "release \(entry.id) can't be verified: \(reason)",
          hint: Hint(
            "if you know that it is complete, activate it",
            command: ["activate", entry.id.text, "--force"])))
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
    let count = history.corruptLines.count
    let lines = count == 1 ? "1 corrupt line:" : "\(count) corrupt lines, the first is"
    return [
      finding(
        "history", .warning,
        "\(lines) line \(line) of \(store.path(Layout.control, Layout.history))",
        hint: "the other lines are valid, and no command depends on them")
    ]
  }

  private func configuration(_ store: Store) throws(ReleasesError) -> [Finding] {
    let configuration = try store.configuration()
    let file = store.path(Layout.configuration)
    let exists = try withErrorMessage("can't read the status of \(file)") {
      () throws(SystemError) in
      try store.root.statusIfPresent(of: Layout.configuration) != nil
    }
    var findings = [
      finding("configuration", .ok, exists ? "\(file) is valid" : "no \(file); defaults apply")
    ]
    findings += configuration.notices.map {
      finding("configuration", .warning, $0.message, hint: $0.hint)
    }
    for file in configuration.shared.files {
      if let problem = try Preflight(store: store).problem(ofSharedFile: file) {
        findings.append(
          finding(
            "shared", .problem, problem, hint: "create the file; no release can go live without it")
        )
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
