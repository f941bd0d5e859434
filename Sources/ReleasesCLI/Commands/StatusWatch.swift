internal import FoundationEssentials
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import TerminalUI

/// Shows the status again whenever it changes: on a terminal in place, else one after the other.
struct StatusWatch {
  /// Between one look at the store and the next, in seconds.
  private static let interval = 0.5
  /// The same for service and health, which may each take a program or a request.
  private static let slowInterval = 5.0

  private let store: Store
  private let environment: Environment
  private let context: Context
  private let isDrawing: Bool
  private var state = LiveState()
  private var lastAsked: Double?
  private var lastSaid: String?

  init(_ store: Store, _ environment: Environment, _ context: Context) {
    self.store = store
    self.environment = environment
    self.context = context
    let term = context.variables["TERM"] ?? ""
    isDrawing = StandardStream.output.isTerminal && term != "" && term != "dumb"
  }

  /// Returns when nobody reads any more.
  mutating func run(_ format: OutputFormat) throws(ReleasesError) {
    while !StandardStream.output.isAbandoned {
      let report = try look()
      let isShown = format == .json ? show(try json(report), report) : show(text(report), report)
      if try !isShown.get() { return }
      Clock.sleep(seconds: Self.interval)
    }
  }

  private mutating func look() throws(ReleasesError) -> StatusReport {
    let moment = try StoreState(store, environment.actor)
    let now = Clock.monotonicSeconds()
    if lastAsked.map({ now - $0 >= Self.slowInterval }) ?? true {
      state = moment.liveState(environment)
      lastAsked = now
    }
    return StatusReport(moment, storeArgument: context.storeArgument, state)
  }

  private func text(_ report: StatusReport) -> String {
    let style = Style(stream: .output, environment: context.variables)
    return report.text(style, now: environment.actor.now())
  }

  /// False when nobody reads any more.
  private mutating func show(
    _ text: String, _ report: StatusReport
  ) -> Result<Bool, ReleasesError> {
    let said = report.essence
    if !isDrawing, said == lastSaid { return .success(true) }
    let isFirst = lastSaid == nil
    lastSaid = said
    do throws(SystemError) {
      try StandardStream.output.write(isDrawing ? drawn(text) : isFirst ? text : "\n" + text)
      return .success(true)
    } catch let error where error.errno == .brokenPipe {
      return .success(false)
    } catch {
      return .failure(ReleasesError("can't write the status", error))
    }
  }

  /// From the top of the screen, over what was there, without a moment of nothing.
  private func drawn(_ text: String) -> String {
    let (home, restOfLine, restOfScreen) = ("\u{1B}[H", "\u{1B}[K", "\u{1B}[J")
    return home + text.replacing("\n", with: "\(restOfLine)\n") + restOfScreen
  }
}

extension StatusReport {
  /// What is worth another look when it changes: not the clock, and not the last free byte.
  fileprivate var essence: String {
    let parts = [
      current, previous, rollback, frozen?.reason, last?.state, last?.operation, last?.id,
    ]
    let service = [service?.activeState, service?.runs, health.map { "\($0.healthy)" }]
    return (parts + service + problems).map { $0 ?? "" }.joined(separator: "\n")
      + "\(releases) \(last?.started.timeIntervalSince1970 ?? 0)"
  }
}
