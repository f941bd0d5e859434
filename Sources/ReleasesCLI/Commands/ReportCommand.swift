internal import CommandLineKit
internal import Configuration
internal import Diagnostics
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

extension Command {
  static let report = Command(
    name: "report",
    summary: "Write an HTML page about the store",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      The page is one file that needs no script, no other file and no network. It begins with the \
      findings of 'status', each with the command that its hint gives, and with what is in \
      progress, such as an upload or an unconfirmed switch. The live release and the rollback \
      target follow, then all releases and their disk space, past transactions and their outcomes, \
      the retention policy, and what the next prune will do. The command takes no lock and runs no \
      health check.
      """,
      """
      An existing file is replaced atomically.
      """,
    ],
    options: [
      Option(
        .html, Value("FILE", .file, remote: .stream), required: true, remote: true,
        help: "File to write, or - for standard output")
    ],
    examples: [
      ("releases report --html /var/www/html/releases.html", "Publish the page on a web server"),
      (
        "ssh deploy@HOST releases report --html - > releases.html",
        "Fetch the page from another machine"
      ),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let file = invocation.value(.html) ?? "-"
      let store = try context.openStore()
      let environment = try context.environment()
      let storeState = try StoreState(store, environment)
      let configuration = try? store.configuration()
      let page = Page(
        // The page is read elsewhere, where the default store is another one.
        status: StatusReport(storeState, reader: HintReader(store: store.path)),
        list: ListReport(storeState, reader: HintReader(store: store.path)),
        findings: storeState.findings,
        history: try PageHistory(store.history),
        prune: configuration == nil ? nil : try Pruner(store, environment).plan(PruneOptions()),
        keep: configuration?.keep, space: storeState.space,
        host: HostFacts.hostName, now: environment.actor.now())
      if file == "-" { return CommandResult(text: page.text) }
      try ReportFile(file, for: ["report", "--html"], replacing: true).write(Array(page.text.utf8))
      return CommandResult(PageReport(file: file), quietText: "\(file)\n") {
        $0.sentence("wrote \(file)")
      }
    })
}

/// The JSON document of `report`: the file that the page was written to.
private struct PageReport: Encodable, Sendable {
  var schema = 1
  let file: String
}
