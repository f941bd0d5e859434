internal import Configuration
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel
internal import Synchronization
internal import TerminalUI

/// Prints on standard error what happens in a long operation: one line per event, and what hooks
/// print, as they print it.
final class StepDisplay: Sendable {
  /// Without a terminal, the same answer is printed again only after this time, in seconds.
  private static let repetition = 10.0
  /// How long to wait for a reader before output is dropped, in seconds: a switch must not wait for
  /// a hung connection. The logs have it nevertheless.
  private static let readerTimeLimit = 2.0

  private struct State: Sendable {
    var problem: String?
    var seconds = 0.0
    var isReaderAsleep = false
  }

  private let notices: Notices
  private let state = Mutex(State())

  init(_ notices: Notices) { self.notices = notices }

  func show(_ event: StepEvent) {
    if case .recovered(let lines) = event { return notices.printRecovery(lines) }
    if notices.isQuiet { return }
    switch event {
    case .recovered: return
    case .waiting(let error):
      write("waiting: \(error.message)")
      if let hint = error.hint { write("hint: \(hint.line(store: notices.storeArgument))") }
    case .hookBegins(let call): write("\(call.name.rawValue): \(call.hook.run.text)")
    case .hookPrinted(let bytes): write(bytes)
    case .hookEnded(let report):
      state.withLock { $0.problem = report.problem }
      write(
        "\(report.name.rawValue): \(report.problem ?? "done in \(elapsed(report.seconds))")")
    case .healthBegins(let id, let health):
      state.withLock { $0.problem = nil }
      write("health: waiting up to \(health.timeout) for \(id)")
    case .healthTried(let attempt): show(attempt)
    case .healthEnded(let report):
      guard report.isHealthy else { return }
      let attempts = counted(report.attempts, "attempt")
      write("health: healthy after \(elapsed(report.seconds)), \(attempts)")
    case .restoring(let id, let problem):
      // The last line need not be repeated.
      if state.withLock({ $0.problem != problem }) { write(problem) }
      write(id.map { "restoring \($0)" } ?? "no release was live before, so none will be live")
    }
  }

  private func show(_ attempt: HealthAttempt) {
    guard let problem = attempt.problem else { return }
    let isNews = state.withLock { state in
      let isNews = state.problem != problem || attempt.seconds - state.seconds >= Self.repetition
      if isNews { (state.problem, state.seconds) = (problem, attempt.seconds) }
      return isNews
    }
    guard isNews || StandardStream.error.isTerminal else { return }
    write("health: attempt \(attempt.number) after \(elapsed(attempt.seconds)): \(problem)")
  }

  private func write(_ line: String) {
    write(Array("releases: \(notices.style.printable(line))\n".utf8))
  }

  /// A terminal that is gone is no reason to stop, and one that stands still none to wait.
  private func write(_ bytes: [UInt8]) {
    state.withLock { state in
      let timeLimit = state.isReaderAsleep ? 0 : Self.readerTimeLimit
      state.isReaderAsleep = !StandardStream.error.write(bytes, waitingUpTo: timeLimit)
    }
  }
}
