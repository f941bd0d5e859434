internal import FoundationEssentials
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import TerminalUI
internal import Text

/// Shows the status again whenever it changes: on a terminal in the same place, elsewhere one after
/// another.
struct StatusWatch {
  /// The time between two readings of the store, in seconds.
  private static let interval = 0.5

  private let store: Store
  private let environment: Environment
  private let context: Context
  /// Whether the status is drawn over the previous one.
  private let isDrawing: Bool
  private let live: LiveStateWatch
  /// The essence of the status that was shown last.
  private var lastShown: String?

  init(_ store: Store, _ environment: Environment, _ context: Context) {
    self.store = store
    self.environment = environment
    self.context = context
    live = LiveStateWatch(environment)
    isDrawing = StandardStream.output.takesControlSequences(context.variables)
  }

  /// Shows the status until standard output is closed by its reader.
  ///
  /// - Throws: an error when the store can't be read or the status can't be written.
  mutating func run(_ format: OutputFormat) throws(ReleasesError) {
    while !StandardStream.output.isAbandoned {
      let report = try readStatus()
      let isShown =
        format == .json
        ? show(try json(report), report, essence: report.essence)
        : show(text(report), report, essence: essence(of: report))
      if try !isShown.get() { return }
      Clock.sleep(seconds: Self.interval)
    }
  }

  /// Reads the store, and adds what is known about its service.
  ///
  /// - Throws: an error when the store can't be read.
  private func readStatus() throws(ReleasesError) -> StatusReport {
    let storeState = try StoreState(store, environment)
    return StatusReport(
      storeState, reader: context.reader, live.state(for: storeState))
  }

  private func text(_ report: StatusReport) -> String {
    let style = Style(stream: .output, environment: context.variables)
    return report.text(style, now: environment.actor.now())
  }

  /// Returns what must change before the status is printed again. On a terminal, that includes the ages,
  /// which are drawn in place.
  private func essence(of report: StatusReport) -> String {
    guard isDrawing else { return report.essence }
    let style = Style(stream: .output, environment: context.variables)
    return report.text(style, now: environment.actor.now(), showsFreeSpace: false)
  }

  /// Shows a status that differs from the last one.
  ///
  /// - Returns: false when the reader has closed standard output.
  private mutating func show(
    _ text: String, _ report: StatusReport, essence: String
  ) -> Result<Bool, ReleasesError> {
    if essence == lastShown { return .success(true) }
    let isFirst = lastShown == nil
    lastShown = essence
    do throws(SystemError) {
      try StandardStream.output.write(isDrawing ? drawn(text) : isFirst ? text : "\n" + text)
      return .success(true)
    } catch let error where error.errno == .brokenPipe {
      return .success(false)
    } catch {
      return .failure(ReleasesError("can't write the status", error))
    }
  }

  /// Returns the text with control sequences that draw it over the previous one from the top of the
  /// screen. The screen is never cleared, which would flicker.
  private func drawn(_ text: String) -> String {
    let (home, restOfLine, restOfScreen) = ("\u{1B}[H", "\u{1B}[K", "\u{1B}[J")
    return home + text.replacing("\n", with: "\(restOfLine)\n") + restOfScreen
  }
}

extension StatusReport {
  /// The parts whose change is worth showing. Ages and free space change all the time.
  fileprivate var essence: String {
    let parts = [
      current, previous, rollback, frozen?.reason.text, last?.state, last?.operation, last?.id,
    ]
    let service = services.flatMap { [$0.activeState, $0.runs] }
    let served: [String?] = [liveLink?.release]
    let instances: [String?] = self.instances.map { instance in
      "\(instance.release) \(instance.role) \(instance.listening == true)"
    }
    let health = [self.health.map { "\($0.healthy)" }, self.health?.serving]
    // The progress of a switch changes every second; each stage of it is shown once.
    let progress = confirmation.map { "\($0.release) \($0.stage) \($0.restoring)" }
    let findings = findings.map {
      ["unconfirmed", "restarting"].contains($0.code) ? progress ?? $0.code : $0.line.text
    }
    let all: [String?] = parts + service + instances + served + health + findings
    return all.map { $0 ?? "" }.joined(separator: "\n")
      + "\(releases) \(last?.started.timeIntervalSince1970 ?? 0)"
  }
}
