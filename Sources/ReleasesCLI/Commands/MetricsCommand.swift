internal import CommandLineKit
internal import FoundationEssentials
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Command {
  static let metrics = Command(
    name: "metrics",
    summary: "Print metrics for Prometheus",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      Prints the following in the text format of Prometheus: the live release and when it went \
      live, releases and their bytes by state, transactions by outcome, the time and duration of \
      the last transaction of each kind, findings by code, whether a link was moved by hand, an \
      interrupted transaction, an unconfirmed switch, instances by state and whether the link \
      service.live is right, a freeze, and free space. The command takes \
      no lock and runs no health check, so it also answers while a deployment is in progress.
      """,
      """
      With --textfile it atomically replaces a file of node_exporter's textfile collector. A name \
      without a slash is a file in $RELEASES_TEXTFILE_DIRECTORY, or else in the first of these \
      directories below /var/lib that exists: prometheus/node-exporter, \
      node_exporter/textfile_collector, node_exporter. When root runs the command, it reads the \
      store as the owner of the store, and writes the file as the owner of the directory. The \
      timer releases-metrics@.timer runs the command this way. The directory \
      Integrations/prometheus of the source contains alerts and a Grafana dashboard.
      """,
    ],
    options: [
      Option(
        .textfile, Value("FILE", .file),
        help: "File to write; its name must end in .prom (default: standard output)")
    ],
    examples: [
      ("releases metrics --textfile diting.prom", "Write metrics for node_exporter")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      guard let name = invocation.value(.textfile) else {
        return CommandResult(text: try context.metrics())
      }
      let textfile = try Textfile(name, in: context.textfileDirectories)
      let text: [UInt8]
      if ProcessFacts.effectiveUser == 0 {
        // A process that has become the store's owner can't become the directory's owner.
        text = try context.readMetrics()
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

  /// Returns the metrics of the store.
  ///
  /// - Throws: an error when the store can't be read.
  fileprivate func metrics() throws(ReleasesError) -> String {
    let store = try openStore()
    return MetricsReport(
      storeState: try StoreState(store, try environment()), history: try store.history.tally()
    ).text
  }

  /// The directories in which a text file without a slash in its name may lie, best first.
  fileprivate var textfileDirectories: [String] {
    let named = variables["RELEASES_TEXTFILE_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    return named.map { [$0] } ?? Textfile.directories
  }

  /// Reads the metrics with another process of this program.
  ///
  /// - Throws: the error of that process, or an error when it can't be started or read.
  fileprivate func readMetrics() throws(ReleasesError) -> [UInt8] {
    let failure: Message = "can't read the metrics of \(path: storePath)"
    let reader = try withErrorMessage(failure) { () throws(SystemError) in
      let nothing = try Descriptor.open("/dev/null")
      return try CapturedProcess(
        "/proc/self/exe", ["releases", "metrics", "--json", "--store", storePath],
        environment: HostProgram.environment, input: nothing
      ).result(within: Self.timeLimit)
    }
    let document =
      (try? StoreJSON.decoder().decode(JSONValue.self, from: Data(reader.output))) ?? .null
    if let error = ReleasesError(reportedIn: document) { throw error }
    guard case .exited(0)? = reader.ending, let text = document["text"]?.text else {
      throw ReleasesError(
        .failed, failure, cause: Message(String(decoding: reader.errors, as: UTF8.self)))
    }
    return Array(text.utf8)
  }
}
