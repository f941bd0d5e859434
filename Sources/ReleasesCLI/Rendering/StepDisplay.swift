internal import Linux
internal import ReleaseStore
internal import Synchronization

/// Tells on standard error what goes on in a command that takes its time: one line for each thing,
/// and what hooks print, as they print it.
final class StepDisplay: Sendable {
  /// Where nobody looks at a terminal, the same answer is told again only after so many seconds.
  private static let repetition = 10.0
  /// How long a reader may sleep before what is said is dropped, in seconds: a switch must not
  /// wait for a connection that hangs. The logs have it all the same.
  private static let patience = 2.0

  private struct Told: Sendable {
    var problem: String?
    var seconds = 0.0
    var isReaderAsleep = false
  }

  private let context: Context
  private let told = Mutex(Told())

  init(_ context: Context) { self.context = context }

  func show(_ event: StepEvent) {
    if case .recovered(let lines) = event { return context.tell(recovered: lines) }
    if context.isQuiet { return }
    switch event {
    case .recovered: return
    case .waiting(let error):
      write("waiting: \(error.message)")
      if let hint = error.hint { write("hint: \(naming(store: context.storeArgument, in: hint))") }
    case .hookBegins(let call): write("\(call.name.rawValue): \(call.hook.run.text)")
    case .hookPrinted(let bytes): write(bytes)
    case .hookEnded(let report):
      told.withLock { $0.problem = report.problem }
      write(
        "\(report.name.rawValue): \(report.problem ?? "done in \(elapsed(report.seconds))")")
    case .healthBegins(let id, let health):
      told.withLock { $0.problem = nil }
      write("health: waiting up to \(health.timeout) until \(id) works")
    case .healthTried(let attempt): show(attempt)
    case .healthEnded(let report):
      guard report.isHealthy else { return }
      let attempts = counted(report.attempts, "attempt")
      write("health: healthy after \(elapsed(report.seconds)), \(attempts)")
    case .restoring(let id, let problem):
      // What was said last need not be said twice.
      if told.withLock({ $0.problem != problem }) { write(problem) }
      write(id.map { "going back to \($0)" } ?? "nothing was live before, so nothing will be")
    }
  }

  private func show(_ attempt: HealthAttempt) {
    guard let problem = attempt.problem else { return }
    let isNews = told.withLock { told in
      let isNews = told.problem != problem || attempt.seconds - told.seconds >= Self.repetition
      if isNews { (told.problem, told.seconds) = (problem, attempt.seconds) }
      return isNews
    }
    guard isNews || StandardStream.error.isTerminal else { return }
    write("health: attempt \(attempt.number) after \(elapsed(attempt.seconds)): \(problem)")
  }

  private func write(_ line: String) {
    let style = Style(stream: .error, environment: context.variables)
    write(Array("releases: \(style.printable(line))\n".utf8))
  }

  /// A terminal that is gone is no reason to stop, and one that stands still none to wait.
  private func write(_ bytes: [UInt8]) {
    told.withLock { told in
      let patience = told.isReaderAsleep ? 0 : Self.patience
      told.isReaderAsleep = !StandardStream.error.write(bytes, waitingUpTo: patience)
    }
  }
}
