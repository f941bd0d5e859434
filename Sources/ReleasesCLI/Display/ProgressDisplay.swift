internal import Archive
internal import Linux
internal import Operations
internal import ReleaseModel
internal import Synchronization
internal import TerminalUI

/// Shows the progress of an unpack on standard error: on a terminal in one line that is redrawn,
/// otherwise in lines for a log, or not at all.
final class ProgressDisplay: Sendable {
  /// The values of `--progress`.
  enum Mode: String, CaseIterable, Sendable {
    /// A bar where it can be drawn.
    case auto
    case plain, none
  }

  private enum Kind { case bar, lines, nothing }

  private struct State {
    var facts = ProgressFacts()
    var rate = RateMeter()
    let start = Clock.monotonicSeconds()
    /// In seconds, as ``Clock`` has it.
    var lastShown = Clock.monotonicSeconds()
    /// There is a bar on the terminal.
    var isDrawn = false
    var isOver = false
  }

  /// An unpack that ends before this shows no bar, in seconds.
  private static let firstDelay = 0.3
  /// Between one bar and the next, in seconds.
  private static let redrawInterval = 0.1
  /// Between one plain line and the next, in seconds.
  private static let lineInterval = 3.0
  private static let widest = 200

  private let kind: Kind
  private let notices: Notices
  private let state = Mutex(State())
  private let cleanup = Mutex<Signals.Cleanup?>(nil)

  init(_ mode: Mode, _ notices: Notices) {
    self.notices = notices
    let term = notices.variables["TERM"] ?? ""
    let canDraw = StandardStream.error.isTerminal && term != "" && term != "dumb"
    kind =
      switch mode {
      case _ where notices.isQuiet: .nothing
      case .auto: canDraw ? .bar : .nothing
      case .plain: .lines
      case .none: .nothing
      }
    guard kind == .bar else { return }
    // The shell's next prompt is not to stand behind half a bar.
    let onSignal = Signals.onTermination { [self] in end(isDone: false) }
    cleanup.withLock { $0 = onSignal }
  }

  /// Shows what goes on in a publication.
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

  /// Writes something else to standard error meanwhile.
  func aside(_ body: () -> Void) {
    state.withLock { state in
      erase(&state)
      body()
    }
  }

  /// Takes the bar away, or writes the last line; then shows nothing any more.
  func end(isDone: Bool) {
    state.withLock { state in
      if state.isOver { return }
      state.isOver = true
      erase(&state)
      if kind == .lines && isDone {
        state.facts.elapsed = Clock.monotonicSeconds() - state.start
        write("releases: \(progressEnd(state.facts))\n")
      }
    }
    cleanup.withLock { $0.take() }?.cancel()
  }

  // MARK: - Drawing

  private func show(_ state: inout State, _ now: Double) {
    if state.isOver { return }
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
    let line = progressBar(state.facts, columns: min(columns, Self.widest) - 1)
    write("\r\(line)\u{1B}[K")
    state.lastShown = now
    state.isDrawn = true
  }

  private func erase(_ state: inout State) {
    guard state.isDrawn else { return }
    write("\r\u{1B}[K")
    state.isDrawn = false
  }

  /// A terminal that is gone is no reason to stop.
  private func write(_ text: String) { try? StandardStream.error.write(text) }
}

/// Bytes a second, over the last few seconds more or less.
struct RateMeter: Sendable {
  /// What was longer ago than this, in seconds, hardly counts.
  private static let memory = 4.0

  private var last: (bytes: Int64, time: Double) = (0, 0)
  private var smoothed = 0.0

  /// - Parameters:
  ///   - bytes: so far.
  ///   - time: since the beginning, in seconds; never less than before.
  mutating func rate(_ bytes: Int64, at time: Double) -> Double {
    let passed = time - last.time
    // Between two messages that come at once nothing can be measured.
    guard passed >= 0.05 else { return smoothed }
    let weight = passed / max(min(time, Self.memory), passed)
    smoothed += (Double(bytes - last.bytes) / passed - smoothed) * weight
    last = (bytes, time)
    return smoothed
  }
}
