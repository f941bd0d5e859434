internal import CommandLineKit
internal import Configuration
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

extension Command {
  static let initialize = Command(
    name: "init",
    summary: "Create a store, or adopt an existing one",
    group: .maintain,
    details: [
      """
      Creates the directories, the journal and the history in the directory that --store names. If \
      an older deployment workflow left releases and links there, the command adopts them: they \
      stay where they are, and their state is recorded. A new store gets a releases.yaml in which \
      every setting is commented out.
      """,
      """
      The command adopts only directories in releases/ that a deployment workflow made: those \
      whose names are a time (Unix seconds of 9 to 11 digits, or a date and time in 14 digits with \
      an optional Z), those that current and previous point to or into, those whose names have the \
      same shape as these, and those that the store has recorded before. It reports every other \
      directory; no command changes such a directory until you name it with --adopt.
      """,
      """
      Two names have the same shape if they are equal except for numbers and commits. A year (four \
      digits that begin with 19 or 20) matches any four digits. A number of six or more digits \
      matches any number of the same length. A shorter number matches any number of up to five \
      digits. A part of seven or more hexadecimal digits is a commit, and matches any commit of \
      the same length. For example, v1.2.3 and v1.10.0 have the same shape, as do 20241103 and \
      20250101; backup-7 and release-7 do not.
      """,
      """
      The retention policy applies to adopted releases as well, and every deploy ends with a prune. \
      The command says how many of them the next prune would remove, and lists them as wouldRemove \
      in its JSON output. 'releases pin' or keep.count and keep.age in releases.yaml retain them.
      """,
      """
      Nothing is removed, and links are rewritten only if necessary. The command is safe to repeat: \
      it does only what is still missing, even after an interruption.
      """,
    ],
    options: [
      Option(
        .adopt, Value("NAME"), repeatable: true,
        help: "Adopt this directory in releases/ whatever its name is")
    ] + Option.changing,
    examples: [
      ("releases init --store /opt/diting", "Create or adopt this store"),
      ("releases init --adopt spring-release", "Also adopt this directory"),
      ("releases init --dry-run", "Show what would be done"),
    ],
    synonyms: ["setup", "create", "new", "adopt"],
    run: { (invocation, context) throws(ReleasesError) in
      try context.becomeOwner()
      let initializer = Initializer(
        context.storePath, try context.environment(), adopting: invocation.values(.adopt))
      if invocation.flag(.dryRun) {
        let planned = try initializer.plan()
        context.notices.printPending(planned.recovery)
        for warning in planned.warnings { context.notices.warn(warning) }
        let report = InitPlanReport(planned, for: context.reader)
        return CommandResult(report) { style in
          planned.changes.isEmpty
            ? style.sentence("\(path: context.storePath) is already a store; nothing to do")
            : planned.changes.map { style.sentence("would \($0)") }.joined()
        }
      }
      let result = try initializer.run(waitingUpTo: try invocation.waitSeconds())
      context.notices.printRecovery(result.recovered)
      for warning in result.warnings { context.notices.warn(warning) }
      var report = InitReport(context.storePath, result, for: context.reader)
      let configuration = try? Store.open(context.storePath).configuration()
      report.isConfigured =
        configuration.map { $0.hooks.activate != nil || $0.health != nil } ?? false
      return CommandResult(report) { [report] style in report.text(style) }
    })
}
