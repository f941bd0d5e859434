internal import CommandLineKit
internal import Diagnostics
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import TerminalUI
internal import Text

extension Command {
  static let diagnose = Command(
    name: "diagnose",
    summary: "Collect a report for troubleshooting, with secrets masked",
    group: .inspect,
    roles: [.ci],
    details: [
      """
      Collects everything needed to diagnose a problem: the output of status, list, check and \
      history, the journal, the state and recent log lines of the service, the response of its \
      health URL, the instances and the link service.live, listening ports, processes, logs of hooks, configuration, permissions, disk \
      space, and facts about the host. If a section fails, takes too long or lacks its tool, the \
      report says so and continues. The command takes no lock and changes nothing.
      """,
      """
      Passwords, tokens, keys and similar values are shown as [masked]. Not every secret can be \
      recognized: read the report before you attach it to an issue.
      """,
      """
      The exit status is 0 whatever the report contains, and 4 if nothing exists at the path of \
      the store. If root runs the command, it lists the processes of all users, and collects \
      everything else as the owner of the store. Members of the group systemd-journal can read the \
      log of the service.
      """,
    ],
    options: [
      Option(
        .archive, Value("FILE", .file, remote: .stream), remote: true,
        help: """
          Write a compressed archive to a new file that only you can read, or to standard output \
          if FILE is -
          """),
      Option(
        .timeout, Value("DURATION"),
        help: "Time limit for each section, from 1s to 1h (default: 10s)"),
    ],
    examples: [
      ("releases diagnose", "Print the report"),
      ("releases diagnose --archive report.tar.gz", "Write an archive to attach to an issue"),
      (
        "ssh deploy@HOST releases diagnose --archive - > report.tar.gz",
        "Fetch the archive from another machine"
      ),
    ],
    synonyms: ["debug", "support"],
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
        $0.sentence("wrote \(archive); read it before you share it")
      }
    })
}

extension Invocation {
  /// Returns the time limit of a section, in seconds.
  ///
  /// - Throws: `usage` for a value that is not a duration, or is out of range.
  fileprivate func sectionSeconds() throws(ReleasesError) -> Double {
    let span = try duration(.timeout) ?? TimeSpan(seconds: 10)
    guard (1...3600).contains(span.seconds) else {
      throw ReleasesError(
        .usage, "--timeout takes a duration from 1s to 1h, not \(span)",
        hint: Hint("see the help", command: helpCommand))
    }
    return Double(span.seconds)
  }
}

private func exitStatus(of diagnosis: Diagnosis) -> ExitStatus {
  diagnosis.storeExists ? .done : .notThere
}

/// Writes the archive to standard output, and returns a result that prints nothing there.
///
/// - Throws: `usage` if standard output is a terminal or gets JSON; `output` for a failed write.
private func pipe(
  _ diagnosis: Diagnosis, _ invocation: Invocation, _ context: Context
) throws(ReleasesError) -> CommandResult {
  let hint = Hint("write to a file", command: ["diagnose", "--archive", "report.tar.gz"])
  if invocation.format == .json {
    throw ReleasesError(.usage, "--archive - and --json both need standard output", hint: hint)
  }
  if StandardStream.output.isTerminal {
    throw ReleasesError(.usage, "can't write an archive to a terminal", hint: hint)
  }
  let report = DiagnosisReport(context.storePath, sections(diagnosis, invocation, context))
  let bytes = try packed(report)
  do throws(SystemError) {
    try StandardStream.output.write(bytes)
  } catch {
    throw ReleasesError(
      .output, "can't write the archive to standard output",
      hint: "check the file or pipe that standard output goes to",
      cause: Message(error))
  }
  return CommandResult(text: "", status: exitStatus(of: diagnosis))
}

/// Returns the report as a compressed archive.
///
/// - Throws: `output` when the archive can't be made.
private func packed(_ report: DiagnosisReport) throws(ReleasesError) -> [UInt8] {
  try ReportArchive.packed(
    [
      .init("releases-diagnose/report.txt", report.text(.plain)),
      .init("releases-diagnose/report.json", try json(report)),
    ], at: Clock.now().seconds)
}

// MARK: - Sections

/// Collects the sections, and returns them in the order of the report. The sections of the host are
/// collected first, because root gives up its rights afterwards.
private func sections(
  _ diagnosis: Diagnosis, _ invocation: Invocation, _ context: Context
) -> [DiagnosisSection] {
  let about = diagnosis.section("releases") { () throws(ReleasesError) in
    try invocationText(context)
  }
  let host = diagnosis.hostSections()
  let owner = diagnosis.section("owner") { () throws(ReleasesError) in
    try context.becomeOwner()
    return .init("")
  }
  guard diagnosis.storeExists, owner.outcome == .ok else {
    let store = diagnosis.section("store") { () throws(ReleasesError) in
      _ = try Store.open(diagnosis.path)
      return .init("")
    }
    return [about, owner.outcome == .ok ? store : owner] + host
  }
  let environment = try? context.environment()
  let service = diagnosis.service { (store, live, layout) in
    environment.map { store.runningLayout(of: live, layout, $0) } ?? layout
  }
  return [about] + rendered(diagnosis, context) + diagnosis.serviceSections(service)
    + host.map {
      $0.name == "ports" ? $0.marking(port: service.port, "the port of the health URL") : $0
    } + diagnosis.fileSections()
}

/// Returns the version and the circumstances of this invocation.
///
/// - Throws: `unsupported` if `/proc` does not show the boot ID.
private func invocationText(_ context: Context) throws(ReleasesError) -> DiagnosisSection.Output {
  let environment = try context.environment()
  return .init(
    rendered: fieldText(
      [
        Field("version", verbatim: Version.number),
        Field("command", Message(environment.actor.commandLine)),
        Field("store", "\(path: context.storePath)"),
        Field("user", Message(environment.actor.user)),
        Field("uid", verbatim: String(ProcessFacts.effectiveUser)),
        Field("time", verbatim: environment.actor.now().rfc3339),
      ], .plain))
}

/// Returns the sections with the output of other commands.
private func rendered(_ diagnosis: Diagnosis, _ context: Context) -> [DiagnosisSection] {
  let path = diagnosis.path
  return [
    diagnosis.section("status") { () throws(ReleasesError) in
      let environment = try context.environment()
      let report = StatusReport(
        try StoreState(try Store.open(path), environment),
        reader: context.reader)
      return .init(rendered: report.text(.plain, now: environment.actor.now()))
    },
    diagnosis.section("list") { () throws(ReleasesError) in
      let environment = try context.environment()
      let report = ListReport(
        try StoreState(try Store.open(path), environment), reader: context.reader)
      return .init(rendered: report.text(.plain, now: environment.actor.now()))
    },
    diagnosis.section("check") { () throws(ReleasesError) in
      let findings = Check.run(path, try context.environment())
      let report = CheckReport(path, findings, reader: context.reader)
      return .init(rendered: report.text(.plain))
    },
    diagnosis.section("history") { () throws(ReleasesError) in
      let history = try Store.open(path).history.newest(20)
      let report = HistoryReport(store: path, history)
      let shown = history.corrupt.positions.prefix(20).map { "\($0.file):\($0.line)" }
      let lines = shown.joined(separator: ", ")
      let count = history.corrupt.count
      let corrupt = count == 0 ? "" : "\(counted(count, "corrupt line")): \(lines)\n"
      return .init(rendered: report.text(.plain) + corrupt)
    },
  ]
}
