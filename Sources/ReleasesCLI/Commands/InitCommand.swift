internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import TerminalUI

extension Command {
  static let initialize = Command(
    name: "init",
    summary: "make a store, or take over an existing one",
    group: .maintain,
    details: [
      """
      Makes the directories, the journal and the history in the directory that --store names. \
      Where an older workflow left releases and links, it takes them over: they stay where they \
      are, and what it finds is recorded.
      """,
      """
      Nothing is removed, and no link is rewritten that need not be. Safe to repeat: it does what \
      is still missing, also after an interruption.
      """,
    ],
    options: Option.changing,
    examples: [
      ("releases init --store /opt/diting", "make or take over this store"),
      ("releases init --dry-run", "print what it would do, and do nothing"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      try context.becomeOwner()
      let initializer = Initializer(context.storePath, try context.environment())
      if invocation.flag(.dryRun) {
        let planned = try initializer.plan()
        let report = ChangeReport(
          command: "init", id: nil, outcome: planned.isEmpty ? "unchanged" : "done", dryRun: true)
        return CommandResult(report) { style in
          planned.isEmpty
            ? style.sentence("\(context.storePath) is a store already; nothing to do")
            : planned.map { style.sentence("would \($0)") }.joined()
        }
      }
      let result = try initializer.run(waitingUpTo: try invocation.waitSeconds())
      context.notices.printRecovery(result.recovered)
      for warning in result.warnings { context.notices.warn(warning) }
      let report = InitReport(context.storePath, result, store: context.storeArgument)
      return CommandResult(report) { report.text($0) }
    })
}
