internal import Archive
internal import CommandLineKit
internal import Diagnostics
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

extension Command {
  static let diagnose = Command(
    name: "diagnose",
    summary: "gather a report of store, service and host, secrets masked",
    group: .look,
    roles: [.ci],
    details: [
      """
      What somebody needs to see who is to find out what is wrong: status, list, check, history \
      and journal of the store, the state and the last lines of the service, the answer of its \
      health URL, listening ports, processes, the logs of hooks, configuration, permissions, room, \
      and the system. A section that fails, takes too long or lacks its tool says so, and the \
      others go on. It takes no lock and changes nothing.
      """,
      """
      Passwords, tokens, keys and the like are shown as [masked]. What a secret is can't always be \
      told from its looks: read the report through before you attach it to an issue.
      """,
      """
      Exit status is 0 whatever it finds, and 4 when there is nothing at all where the store \
      should be. Root sees the processes of all users, and becomes the owner of the store for the \
      rest; the log of the service is readable for members of the group systemd-journal.
      """,
    ],
    options: [
      Option(
        .archive, Value("FILE", .file, remote: .stream), remote: true,
        help: "write a compressed archive, readable for you alone, to a new file, or to - (a pipe)"),
      Option(
        .timeout, Value("DURATION"), remote: true,
        help: "what each section may take, from 1s to 1h (default 10s)"),
    ],
    examples: [
      ("releases diagnose", "read it first"),
      ("releases diagnose --archive report.tar.gz", "to attach to an issue"),
      (
        "ssh deploy@HOST releases diagnose --archive - > report.tar.gz",
        "the same from where you sit"
      ),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let diagnosis = Diagnosis(
        of: context.storePath, secondsPerSection: try invocation.sectionSeconds())
      guard let archive = invocation.value(.archive) else {
        let report = DiagnosisReport(context.storePath, sections(diagnosis, invocation, context))
        return CommandResult(
          report, quietText: report.text(.plain), status: exitStatus(of: diagnosis)
        ) {
          report.text($0)
        }
      }
      if archive == "-" { return try pipe(diagnosis, invocation, context) }
      let file = try ReportFile(archive, for: ["diagnose", "--archive"])
      let report = DiagnosisReport(
        context.storePath, sections(diagnosis, invocation, context), archive: archive)
      try file.write(try packed(report))
      return CommandResult(report, quietText: archive + "\n", status: exitStatus(of: diagnosis)) {
        $0.sentence("wrote \(archive); read it through before you give it to others")
      }
    })
}

extension Invocation {
  /// What a section may take.
  fileprivate func sectionSeconds() throws(ReleasesError) -> Double {
    let span = try duration(.timeout) ?? TimeSpan(seconds: 10)
    guard (1...3600).contains(span.seconds) else {
      throw ReleasesError(
        .usage, "--timeout takes a duration from 1s to 1h, not \(span)",
        hint: "see: releases help \(command.name)")
    }
    return Double(span.seconds)
  }
}

private func exitStatus(of diagnosis: Diagnosis) -> ExitStatus {
  diagnosis.storeExists ? .done : .notThere
}

/// Writes the archive to standard output, where nothing else may then go.
private func pipe(
  _ diagnosis: Diagnosis, _ invocation: Invocation, _ context: Context
) throws(ReleasesError) -> CommandResult {
  let hint = Hint(
    "name a file, or write to a pipe", shell: "releases diagnose --archive - > report.tar.gz")
  if invocation.format == .json {
    throw ReleasesError(.usage, "--archive - and --json both need standard output", hint: hint)
  }
  if StandardStream.output.isTerminal {
    throw ReleasesError(.usage, "an archive is nothing for a terminal", hint: hint)
  }
  let report = DiagnosisReport(context.storePath, sections(diagnosis, invocation, context))
  let bytes = try packed(report)
  do throws(SystemError) {
    try StandardStream.output.write(bytes)
  } catch {
    throw ReleasesError(
      .output, "can't write the archive", hint: "look at where standard output goes",
      cause: error.description)
  }
  return CommandResult(text: "", status: exitStatus(of: diagnosis))
}

private func packed(_ report: DiagnosisReport) throws(ReleasesError) -> [UInt8] {
  try ReportArchive.packed(
    [
      .init("releases-diagnose/report.txt", report.text(.plain)),
      .init("releases-diagnose/report.json", try json(report)),
    ], at: Clock.now().seconds)
}

// MARK: - Sections

/// In the order of reading. The host comes first in time: root gives up its rights after it.
private func sections(
  _ diagnosis: Diagnosis, _ invocation: Invocation, _ context: Context
) -> [DiagnosisSection] {
  let about = diagnosis.section("releases") { () throws(ReleasesError) in
    try invocationText(context)
  }
  let host = diagnosis.hostSections()
  let owner = diagnosis.section("owner") { () throws(ReleasesError) in
    try context.becomeOwner(keeping: ["systemd-journal"])
    return .init("")
  }
  guard diagnosis.storeExists, owner.outcome == .ok else {
    let store = diagnosis.section("store") { () throws(ReleasesError) in
      _ = try Store.open(diagnosis.path)
      return .init("")
    }
    return [about, owner.outcome == .ok ? store : owner] + host
  }
  let service = diagnosis.service()
  return [about] + rendered(diagnosis, context) + diagnosis.serviceSections(service)
    + host.map {
      $0.name == "ports" ? $0.marking(port: service.port, "the port of the health URL") : $0
    } + diagnosis.fileSections()
}

private func invocationText(_ context: Context) throws(ReleasesError) -> DiagnosisSection.Output {
  let environment = try context.environment()
  return .init(
    fieldText(
      [
        Field("version", Version.number), Field("command", environment.actor.commandLine),
        Field("store", context.storePath), Field("user", environment.actor.user),
        Field("uid", String(ProcessFacts.effectiveUser)),
        Field("time", environment.actor.now().rfc3339),
      ], .plain))
}

/// What other commands say of the store.
private func rendered(_ diagnosis: Diagnosis, _ context: Context) -> [DiagnosisSection] {
  let path = diagnosis.path
  return [
    diagnosis.section("status") { () throws(ReleasesError) in
      let environment = try context.environment()
      let report = StatusReport(
        try StoreState(try Store.open(path), environment.actor),
        storeArgument: context.storeArgument)
      return .init(report.text(.plain, now: environment.actor.now()))
    },
    diagnosis.section("list") { () throws(ReleasesError) in
      let store = try Store.open(path)
      let now = try context.actor().now()
      return .init(ListReport(store, try store.snapshot()).text(.plain, now: now))
    },
    diagnosis.section("check") { () throws(ReleasesError) in
      let findings = Check.run(path, try context.environment())
      let report = CheckReport(path, findings, storeArgument: context.storeArgument)
      return .init(report.text(.plain))
    },
    diagnosis.section("history") { () throws(ReleasesError) in
      let history = try Store.open(path).history.read()
      let report = HistoryReport(
        store: path, entries: history.entries.reversed().prefix(20).map { $0 },
        corruptLines: history.corruptLines)
      let corrupt = history.corruptLines.isEmpty ? "" : "corrupt lines: \(history.corruptLines)\n"
      return .init(report.text(.plain) + corrupt)
    },
  ]
}
