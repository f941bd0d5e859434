internal import CommandLineKit
internal import Diagnostics
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import TerminalUI
internal import Text

extension Command {
  static let logs = Command(
    name: "logs",
    summary: "Show the output of hooks, and the log of the service",
    group: .inspect,
    roles: [.ci],
    details: [
      """
      Prints the last lines that each hook printed for a release, in the order in which the hooks \
      ran. If releases.yaml names a service, the last lines of the unit's log in the systemd \
      journal follow. With instances (service.socket), the units are those of the release; otherwise \
      the lines are not limited to it. Secrets are shown as [masked]. The \
      command takes no lock.
      """,
      """
      Only the owner and the group of the store can read the output of hooks. Members of the group \
      systemd-journal can read the log of the service. If there are logs and none can be read, the \
      exit status is 1.
      """,
    ],
    operands: [
      Operand(
        Value("ID", .listed), .optional,
        help: "Release whose hooks ran (default: the one whose hook ran last)")
    ],
    options: [
      Option(
        .lines, Value("N", .number), remote: true,
        help: "Maximum number of lines of each log (default: 100)")
    ],
    examples: [
      ("releases logs", "See what the last hook printed"),
      ("releases logs 1762147685 --lines 500", "See more of the logs of this release"),
    ],
    synonyms: ["log", "journal", "tail"],
    run: { (invocation, context) throws(ReleasesError) in
      try context.becomeOwner()
      let store = try Store.open(context.storePath)
      let diagnosis = Diagnosis(of: context.storePath, secondsPerSection: 10)
      let id: ReleaseID?
      if let name = invocation.operands.first {
        id = try store.snapshot().release(named: name)
      } else if let newest = try diagnosis.releaseOfNewestLog() {
        id = newest
      } else {
        id = try store.links.link(Layout.current).release
      }
      let environment = try context.environment()
      let service = diagnosis.service { (store, live, layout) in
        if live == id { return store.runningLayout(of: live, layout, environment) }
        return id.flatMap { store.history.lastInstanceSwitch(to: $0) }?.layout ?? layout
      }
      let sections = diagnosis.logSections(
        of: id, lines: try invocation.positive(.lines) ?? 100, service)
      let report = LogsReport(store: store.path, id, sections)
      if let error = try unreadable(sections, id, store) {
        return CommandResult(failed: report, error)
      }
      return CommandResult(report) { style in
        sections.isEmpty
          ? style.sentence(
            id.map { "no hook has run for release \($0) yet" } ?? "no hook has run yet")
          : logText(sections, style)
      }
    })
}

/// Returns the error when there are logs and none could be read; nil otherwise.
///
/// - Throws: an error when the store can't be read.
private func unreadable(
  _ sections: [DiagnosisSection], _ id: ReleaseID?, _ store: Store
) throws(ReleasesError) -> ReleasesError? {
  guard let first = sections.first, !sections.contains(where: { $0.outcome == .ok }) else {
    return nil
  }
  let ownership = try store.ownership()
  let words = ["releases", "--store", store.path.shellWord, "logs"] + (id.map { [$0.text] } ?? [])
  return ReleasesError(
    .permission, id.map { "no log of release \($0) could be read" } ?? "no log could be read",
    hint: ownership.isOfThisUser && sections.allSatisfy(\.isOfUnit)
      ? Hint(
        "let the owner of the store read the journal of systemd, from the next login on",
        shell: "\(Hint.asRoot)usermod --append --groups systemd-journal "
          + userName(ownership.owner).shellWord)
      : Hint(
        "run it as the owner of the store or as root",
        shell: Hint.asRoot + words.joined(separator: " ")),
    cause: first.text.split(separator: "\n").first.map { Message(verbatim: String($0)) })
}

/// The JSON document of `logs`.
private struct LogsReport: Encodable, Sendable {
  struct Log: Encodable, Sendable {
    let name: String
    /// The outcome of reading: `ok`, `failed`, `missing` or `timedOut`.
    let outcome: String
    let text: String
  }

  var schema = 1
  let store: String
  @OrNull var id: String?
  let logs: [Log]

  init(store: String, _ id: ReleaseID?, _ sections: [DiagnosisSection]) {
    self.store = store
    _id = OrNull(wrappedValue: id?.text)
    logs = sections.map { Log(name: $0.name, outcome: $0.outcome.rawValue, text: $0.text) }
  }
}
