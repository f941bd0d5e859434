internal import Archive
internal import Linux
internal import Operations
internal import ReleaseModel
internal import Synchronization
internal import TerminalUI
internal import Text

/// Shows the progress of an unpack on standard error: on a terminal in one line that is redrawn,
/// otherwise in lines for a log, or not at all.
final class ProgressDisplay: Sendable {
  /// The values of `--progress`.
  enum Mode: String, CaseIterable, Sendable {
    /// A bar on a terminal, otherwise nothing.
    case auto
    case plain, none
  }

  private enum Kind { case bar, lines, nothing }

  private struct State {
    var facts = ProgressFacts()
    var rate = RateMeter()
    let start = Clock.monotonicSeconds()
    /// When progress was shown last, in seconds of ``Clock/monotonicSeconds()``.
    var lastShown = Clock.monotonicSeconds()
    /// Whether there is a bar on the terminal.
    var isDrawn = false
    var hasEnded = false
  }

  /// The time before the bar appears, in seconds. A shorter unpack shows no bar.
  private static let firstDelay = 0.3
  /// The time between two drawings of the bar, in seconds.
  private static let redrawInterval = 0.1
  /// The time between two plain lines, in seconds.
  private static let lineInterval = 3.0
  /// The maximum width of the bar's line, in columns.
  private static let maximumWidth = 200

  private let kind: Kind
  private let notices: Notices
  private let state = Mutex(State())
  private let cleanup = Mutex<Signals.Cleanup?>(nil)

  init(_ mode: Mode, _ notices: Notices) {
    self.notices = notices
    let canDraw = StandardStream.error.takesControlSequences(notices.variables)
    kind =
      switch mode {
      case _ where notices.isQuiet: .nothing
      case .auto: canDraw ? .bar : .nothing
      case .plain: .lines
      case .none: .nothing
      }
    // A person sees at once that the signal has arrived: a large stage takes time to remove.
    let onSignal = Signals.onTermination(isFirst: true) { [self] in endBySignal() }
    cleanup.withLock { $0 = onSignal }
  }

  /// Shows an event of a publication.
  func show(_ event: PublishEvent) {
    switch event {
    case .unpacking(let progress, let total): show(progress, of: total)
    case .flushing: showFlushing()
    case .published: end(isDone: true)
    }
  }

  private func show(_ progress: UnpackProgress, of total: Int64?) {
    state.withLock { state in
      let now = Clock.monotonicSeconds()
      state.facts.read = progress.read
      state.facts.total = total
      state.facts.entries = progress.entries
      state.facts.elapsed = now - state.start
      state.facts.rate = state.rate.rate(progress.read, at: state.facts.elapsed)
      show(&state, now)
    }
  }

  private func showFlushing() {
    state.withLock { state in
      state.facts.isFlushing = true
      if state.isDrawn { draw(&state, Clock.monotonicSeconds()) }
    }
  }

  /// Removes the bar, and calls a function that writes something else to standard error.
  func aside(_ body: () -> Void) {
    state.withLock { state in
      erase(&state)
      body()
    }
  }

  /// Removes the bar or writes the last line. Later events show nothing.
  func end(isDone: Bool) {
    state.withLock { state in
      if state.hasEnded { return }
      state.hasEnded = true
      erase(&state)
      if kind == .lines && isDone {
        state.facts.elapsed = Clock.monotonicSeconds() - state.start
        write("releases: \(progressEnd(state.facts))\n")
      }
    }
    cleanup.withLock { $0.take() }?.cancel()
  }

  /// Removes the bar, so that the shell does not print its next prompt after half of it, and says that the
  /// upload ends.
  private func endBySignal() {
    let name = Signals.pendingTermination().map { Signals.name(of: $0) } ?? "a signal"
    let isFlushing = state.withLock { $0.facts.isFlushing }
    end(isDone: false)
    let hint = Hint("see whether the release was published", command: ["list"])
    notices.printLine(
      isFlushing
        ? "stopped by \(name); \(hint.line(for: notices.reader))"
        : "stopped by \(name): nothing was published")
  }

  // MARK: - Drawing

  private func show(_ state: inout State, _ now: Double) {
    if state.hasEnded { return }
    switch kind {
    case .bar:
      let interval = state.isDrawn ? Self.redrawInterval : Self.firstDelay
      if now - state.lastShown >= interval { draw(&state, now) }
    case .lines:
      guard now - state.lastShown >= Self.lineInterval else { return }
      state.lastShown = now
      write("releases: \(progressLine(state.facts))\n")
    case .nothing: return
    }
  }

  private func draw(_ state: inout State, _ now: Double) {
    let columns = notices.style.columns ?? 80
    // A line that fills the last column wraps on some terminals.
    let line = progressBar(state.facts, columns: min(columns, Self.maximumWidth) - 1)
    write("\r\(line)\u{1B}[K")
    state.lastShown = now
    state.isDrawn = true
  }

  private func erase(_ state: inout State) {
    guard state.isDrawn else { return }
    write("\r\u{1B}[K")
    state.isDrawn = false
  }

  /// Writes to standard error. The unpack continues when the terminal has gone.
  private func write(_ text: String) { try? StandardStream.error.write(text) }
}

/// Measures a rate in bytes per second, smoothed over the last few seconds.
struct RateMeter: Sendable {
  /// The time constant of the smoothing, in seconds.
  private static let memory = 4.0

  private var last: (bytes: Int64, time: Double) = (0, 0)
  private var smoothed = 0.0

  /// Returns the smoothed rate after a measurement.
  ///
  /// - Parameters:
  ///   - bytes: the number of bytes since the start.
  ///   - time: the time since the start, in seconds; not less than in the previous call.
  /// - Returns: bytes per second.
  mutating func rate(_ bytes: Int64, at time: Double) -> Double {
    let passed = time - last.time
    // A shorter time can't be measured well enough.
    guard passed >= 0.05 else { return smoothed }
    let weight = passed / max(min(time, Self.memory), passed)
    smoothed += (Double(bytes - last.bytes) / passed - smoothed) * weight
    last = (bytes, time)
    return smoothed
  }
}
