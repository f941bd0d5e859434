internal import Synchronization

/// Notices that SIGINT, SIGTERM or SIGQUIT asks again to end, while they are blocked: something that the
/// first signal does not stop, such as a restoration, is given up for the second one.
package final class RepeatedTermination: Sendable {
  /// How long after the first signal another one counts, in seconds. Before that, it is the same wish:
  /// people press the keys twice, and a terminal and a supervisor each send one.
  package static let delay = 1.0

  /// What a look at the signals finds.
  package enum Finding: Sendable {
    /// No new signal has come.
    case none
    /// The first signal, or another one soon after it.
    case noted
    /// A second signal.
    case repeated
  }

  private struct State {
    /// When the first signal was noticed; nil before it has come.
    var first: Double?
    /// Whether the first signal, or a later one, was taken by the thread for cleaning up.
    var sawTaken: Bool
    var isRepeated = false
  }

  private let state: Mutex<State>

  /// Begins to look. A signal that is pending already is the first one.
  package init() {
    let isTaken = Signals.takenTermination != 0
    let isPending = Signals.absorbPendingTermination()
    state = Mutex(
      State(first: isTaken || isPending ? Clock.monotonicSeconds() : nil, sawTaken: isTaken))
  }

  /// Looks whether a signal has come since the last look.
  ///
  /// - Returns: what was found; once a signal was repeated, always that.
  package func look() -> Finding {
    state.withLock { state in
      if state.isRepeated { return .repeated }
      let isTaken = Signals.takenTermination != 0 && !state.sawTaken
      state.sawTaken = state.sawTaken || isTaken
      guard Signals.absorbPendingTermination() || isTaken else { return .none }
      let now = Clock.monotonicSeconds()
      if let first = state.first, now - first >= Self.delay {
        state.isRepeated = true
        return .repeated
      }
      state.first = state.first ?? now
      return .noted
    }
  }
}
