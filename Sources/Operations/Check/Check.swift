internal import Configuration
internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
package import Text

/// The result of one check.
package struct Finding: Sendable {
  /// How serious a finding is.
  package enum Level: String, Sendable { case ok, warning, problem }

  /// What was checked, such as `journal`; scripts rely on it.
  package let subject: String
  package let level: Level
  package let message: Message
  package let hint: Hint?
  /// The code of the error that the affected command would return; nil when no command would fail.
  package var code: ReleasesError.Code?
  /// The code of what `status` reports too; nil for what only `check` looks at.
  package var storeCode: StoreFinding.Code?
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
    findings.append(finding("store", .ok, "\(path: path)"))
    let checks = [
      Check.lockFile, Check.storeFiles, Check.manifests, Check.history, Check.fileSystem,
      Check.mounts, Check.programs, Check.processes,
      Check.sharing, Check.configuration, Check.units, Check.instances, Check.sudo,
      Check.startLimit, Check.trust, Check.sandbox,
    ]
    for check in checks {
      do throws(ReleasesError) {
        findings += try check(self)(store)
      } catch {
        findings.append(problem(error))
      }
    }
  }

  /// Converts an error that a command would return into a finding.
  func problem(_ error: ReleasesError) -> Finding {
    Finding(
      subject: error.code.rawValue, level: .problem, message: error.line,
      hint: error.hint, code: error.code)
  }
}

// MARK: - The files of the store

extension Check {
  /// Reports a lock file that is not a file, which no command can repair.
  ///
  /// - Throws: an error when the status of the file can't be read.
  private func lockFile(_ store: Store) throws(ReleasesError) -> [Finding] {
    let lock = store.path(Layout.control, Layout.lock)
    let kind = try withErrorMessage("can't read the status of \(path: lock)") {
      () throws(SystemError) in
      try store.control.statusIfPresent(of: Layout.lock)?.kind
    }
    guard let kind, kind != .file else { return [] }
    return [
      finding(
        "journal", .problem, "\(path: lock) is a \(kind.noun), not a file",
        hint: .moveAway(lock, store: store.path, then: "recover"))
    ]
  }

  private func manifests(_ store: Store) throws(ReleasesError) -> [Finding] {
    let snapshot = try store.snapshot()
    var findings: [Finding] = []
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
    return findings
  }

  private func history(_ store: Store) throws(ReleasesError) -> [Finding] {
    let history = try store.history.tally()
    guard let first = history.firstCorrupt else {
      let entries = history.entries
      return [finding("history", .ok, entries == 1 ? "1 entry" : "\(entries) entries")]
    }
    let count = history.corruptLines
    let file = store.path(Layout.control, first.file)
    // Commands that append to the file wait for this lock.
    let lock = store.path(Layout.control, Layout.trash).shellWord
    let lines = count == 1 ? "1 corrupt line:" : "\(count) corrupt lines, the first is"
    return [
      finding(
        "history", .warning,
        "\(lines) line \(first.line) of \(path: file)",
        // What a rotated file contains is recorded, so its lines must stay.
        hint: first.file == Layout.history
          ? Hint(
            "the other lines are valid; to end this warning, remove the line",
            shell: "flock \(lock) sed -i \(first.line)d \(file.shellWord)")
          : "the other lines are valid, and no command depends on them")
    ]
  }

  private func configuration(_ store: Store) throws(ReleasesError) -> [Finding] {
    // What is wrong with it is a finding about the store.
    guard let configuration = try? store.configuration() else { return [] }
    let file = store.path(Layout.configuration)
    let exists = try withErrorMessage("can't read the status of \(path: file)") {
      () throws(SystemError) in
      try store.root.statusIfPresent(of: Layout.configuration) != nil
    }
    return [
      finding(
        "configuration", .ok, exists ? "\(path: file) is valid" : "no \(path: file); defaults apply"
      )
    ]
      + healthWithoutRestart(configuration)
  }

  /// Reports a health check without a hook: it asks the process that ran before the switch, too.
  private func healthWithoutRestart(_ configuration: Configuration) -> [Finding] {
    guard configuration.health != nil, configuration.hooks.activate == nil,
      configuration.instances == nil
    else { return [] }
    return [
      finding(
        "configuration", .warning,
        "health is configured without hooks.activate: no switch restarts the service",
        hint: Hint("add the command that restarts it; see", shell: "man releases.yaml"))
    ]
  }

  func finding(
    _ subject: String, _ level: Finding.Level, _ message: Message, hint: Hint? = nil
  ) -> Finding {
    Finding(subject: subject, level: level, message: message, hint: hint)
  }
}
