internal import CommandLineKit
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension Command {
  static let metrics = Command(
    name: "metrics",
    summary: "print what a monitor wants to know, for Prometheus",
    group: .look,
    roles: [.monitor],
    details: [
      """
      The text format of Prometheus: what is live and since when, releases and their bytes by \
      state, transactions by outcome with the time and duration of the last of each kind, drift, \
      an interrupted transaction, a freeze, and the room that is left. It takes no lock, runs no \
      health check, and answers while a deployment is under way.
      """,
      """
      With --textfile it atomically replaces a file of node_exporter's textfile collector. A name \
      without a slash is a file in $RELEASES_TEXTFILE_DIRECTORY, or else in the first of these \
      directories that exists: node-exporter in /var/lib/prometheus, textfile_collector in \
      /var/lib/node_exporter, and /var/lib/node_exporter itself. Run by root, it reads the store as \
      the owner of the store and writes the file as the owner of the directory. \
      Integrations/systemd has a timer that does this, and Integrations/prometheus has alerts.
      """,
    ],
    options: [
      Option(
        .textfile, Value("FILE", .file),
        help: "write to this file, whose name ends in .prom, instead of standard output")
    ],
    examples: [
      ("releases metrics --textfile diting.prom", "for the textfile collector of node_exporter")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      guard let name = invocation.value(.textfile) else {
        return CommandResult(text: try context.metrics())
      }
      let textfile = try Textfile(name, in: context.textfileDirectories)
      let text: [UInt8]
      if ProcessFacts.effectiveUser == 0 {
        // A process that has become the store's owner can't become the directory's owner.
        let reader = try context.readMetrics()
        guard case .exited(0)? = reader.ending else {
          _ = StandardStream.error.write(reader.errors, waitingUpTo: 5)
          guard case .exited(let status)? = reader.ending else {
            return CommandResult(failed: .failed)
          }
          return CommandResult(failed: ExitStatus(rawValue: status) ?? .failed)
        }
        text = reader.output
      } else {
        text = Array(try context.metrics().utf8)
      }
      try textfile.becomeOwner()
      try textfile.write(text)
      return CommandResult(text: "")
    })
}

extension Context {
  /// How long reading the metrics may take, in seconds.
  private static let timeLimit = 60.0

  fileprivate func metrics() throws(ReleasesError) -> String {
    let store = try openStore()
    let moment = try StoreState(store, try actor())
    return MetricsReport(
      moment: moment, history: try store.history.read(),
      problems: StatusReport(moment, storeArgument: nil).problems.count
    ).text
  }

  fileprivate var textfileDirectories: [String] {
    let named = variables["RELEASES_TEXTFILE_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    return named.map { [$0] } ?? Textfile.directories
  }

  /// Reads the metrics with another process of this program.
  fileprivate func readMetrics() throws(ReleasesError) -> CapturedProcess.Result {
    try attempting("can't read the metrics of \(storePath)") { () throws(SystemError) in
      let nothing = try Descriptor.open("/dev/null")
      return try CapturedProcess(
        "/proc/self/exe", ["releases", "metrics", "--store", storePath],
        environment: HostProgram.environment, input: nothing
      ).result(within: Self.timeLimit)
    }
  }
}

extension CommandResult {
  /// A result whose messages another process of this program has printed already.
  fileprivate init(failed status: ExitStatus) { self.init(text: "", status: status) }
}
