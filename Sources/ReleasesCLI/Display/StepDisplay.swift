internal import Configuration
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel
internal import Synchronization
internal import TerminalUI
internal import Text

/// Prints the events of a long operation on standard error, one line each, and the output of hooks
/// line by line, with masked secrets.
final class StepDisplay: Sendable {
  /// The time before the same health problem is printed again, in seconds; on a terminal each attempt
  /// is printed.
  private static let repetitionInterval = 10.0
  /// How long to wait for a reader before output is dropped, in seconds. A switch must not wait for
  /// a hung connection; the logs keep the output of hooks.
  private static let readerTimeLimit = 2.0

  private struct State: Sendable {
    /// The problem that was printed last.
    var problem: Message?
    /// When it was printed, in seconds since the health check began.
    var seconds = 0.0
    /// Whether the last write exceeded the time limit.
    var isReaderHung = false
    /// The output of the current hook.
    var output = MaskedOutput()
  }

  private let notices: Notices
  private let state = Mutex(State())

  init(_ notices: Notices) { self.notices = notices }

  /// Prints an event.
  func show(_ event: StepEvent) {
    if case .recovered(let lines) = event { return notices.printRecovery(lines) }
    if notices.isQuiet { return }
    switch event {
    case .recovered: return
    case .waiting(let error):
      write("waiting: \(error.message)")
      if let hint = error.hint { write("hint: \(hint.line(for: notices.reader))") }
    case .hookBegins(let call): write("\(call.name.rawValue): \(call.hook.run.text)")
    case .hookPrinted(let bytes): write(state.withLock { $0.output.append(bytes) })
    case .hookEnded(let report):
      write(
        state.withLock { state in
          state.problem = report.problem
          return state.output.finish()
        })
      write(
        "\(report.name.rawValue): \(report.problem ?? "done in \(elapsed(report.seconds))")")
    case .healthBegins(let id, let health):
      state.withLock { $0.problem = nil }
      write("health: waiting up to \(health.timeout) for \(place: id)")
    case .healthTried(let attempt): show(attempt)
    case .died(let death): show(death, named: "service")
    case .healthEnded(let report): show(report)
    case .instanceStarts(let id, let units):
      write("start: \(verbatim: units.joined(separator: ", ")) for \(id)")
    case .instanceStops(let id): write("stop: the instance of \(id)")
    case .instanceDrains(let id, let limit):
      write("drain: \(id) finishes its connections, for up to \(limit)")
    case .stillRestoring(let id):
      write(
        "still restoring \(verbatim: id): the command ends after that; another signal ends the wait"
      )
    case .restoring(let id, let problem):
      // The last line may have named the problem already.
      if state.withLock({ $0.problem != problem }) { write(problem) }
      write(
        id.map { "restoring \(place: $0)" } ?? "no release was live before, so none will be live"
      )
    }
  }

  private func show(_ death: ReleaseDeath, named name: String) {
    write("\(name): \(death.problem)")
    for line in death.lines { write("log: \(line)") }
  }

  private func show(_ report: HealthReport) {
    if let death = report.death {
      state.withLock { $0.problem = death.problem }
      show(death, named: "health")
    }
    guard report.isHealthy else { return }
    let attempts = counted(report.attempts, "attempt")
    write("health: healthy after \(elapsed(report.seconds)), \(attempts)")
    if let note = report.last?.serving?.note {
      write("health: it is unknown which release answered: \(note)")
    }
  }

  private func show(_ attempt: HealthAttempt) {
    guard let problem = attempt.problem else { return }
    let isDue = state.withLock { state in
      let isDue =
        state.problem != problem || attempt.seconds - state.seconds >= Self.repetitionInterval
      if isDue { (state.problem, state.seconds) = (problem, attempt.seconds) }
      return isDue
    }
    guard isDue || StandardStream.error.isTerminal else { return }
    write("health: attempt \(attempt.number) after \(elapsed(attempt.seconds)): \(problem)")
  }

  private func write(_ line: Message) {
    write(Array("releases: \(notices.style.printable(line))\n".utf8))
  }

  /// Writes to standard error. The operation continues when the terminal has gone, and waits only once
  /// for a reader that has stopped reading.
  private func write(_ bytes: [UInt8]) {
    if bytes.isEmpty { return }
    state.withLock { state in
      let timeLimit = state.isReaderHung ? 0 : Self.readerTimeLimit
      state.isReaderHung = !StandardStream.error.write(bytes, waitingUpTo: timeLimit)
    }
  }
}
