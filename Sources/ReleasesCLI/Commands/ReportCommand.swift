internal import CommandLineKit
internal import Configuration
internal import Diagnostics
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

extension Command {
  static let report = Command(
    name: "report",
    summary: "write a page about the store, to look at",
    group: .look,
    roles: [.monitor],
    details: [
      """
      One file of HTML that needs no script, no other file and no network: what is live, the \
      releases and the room they take, what happened and how it ended, the policy, and what the \
      next prune will do. It reads without a lock and runs no health check.
      """,
      """
      A file that is there is replaced at once; until then it stays as it was.
      """,
    ],
    options: [
      Option(
        .html, Value("FILE", .file, remote: .stream), required: true, remote: true,
        help: "where to write it; - for standard output")
    ],
    examples: [
      ("releases report --html /var/www/html/releases.html", "to be looked at by others"),
      ("ssh deploy@HOST releases report --html - > releases.html", "from where you sit"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let file = invocation.value(.html) ?? "-"
      let store = try context.openStore()
      let environment = try context.environment()
      let moment = try StoreState(store, environment.actor)
      let configuration = try? store.configuration()
      let page = Page(
        // Who reads it is elsewhere.
        status: StatusReport(moment, storeArgument: store.path),
        list: ListReport(store, moment.snapshot),
        history: try store.history.read().entries.reversed(),
        prune: configuration == nil ? nil : try Pruner(store, environment).plan(PruneOptions()),
        keep: configuration?.keep, space: moment.space, now: environment.actor.now())
      if file == "-" { return CommandResult(text: page.text) }
      try ReportFile(file, for: ["report", "--html"], replacing: true).write(Array(page.text.utf8))
      return CommandResult(PageReport(file: file), quietText: "\(file)\n") {
        $0.sentence("wrote \(file)")
      }
    })
}

/// Where the page is, as scripts read it.
private struct PageReport: Encodable, Sendable {
  var schema = 1
  let file: String
}
