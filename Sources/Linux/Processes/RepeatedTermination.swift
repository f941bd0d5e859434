internal import Synchronization

/// Notices that SIGINT, SIGTERM or SIGQUIT asks again to end, while they are blocked: something that the
/// first signal does not stop, such as a restoration, is given up for the second one.
package final class RepeatedTermination: Sendable {
  /// How long after the first signal another one counts, in seconds. Before that, it is the same wish:
  /// people press the keys twice, and a terminal and a supervisor each send one.
  package static let delay = 1.0

  private struct State {
    /// When the first signal was noticed; nil before it has come.
    var first: Double?
    /// Whether the first signal, or a later one, was taken by the thread for cleaning up.
    var sawTaken: Bool
    var hasCome = false
  }

  private let state: Mutex<State>

  /// Begins to look. A signal that is pending already is the first one.
  package init() {
    let isTaken = Signals.takenTermination != 0
    let isPending = Signals.absorbPendingTermination()
    state = Mutex(
      State(first: isTaken || isPending ? Clock.monotonicSeconds() : nil, sawTaken: isTaken))
  }

  /// Returns whether a second signal has come.
  package func hasCome() -> Bool {
    state.withLock { state in
      let isTaken = Signals.takenTermination != 0 && !state.sawTaken
      state.sawTaken = state.sawTaken || isTaken
      guard Signals.absorbPendingTermination() || isTaken else { return state.hasCome }
      let now = Clock.monotonicSeconds()
      if let first = state.first {
        state.hasCome = state.hasCome || now - first >= Self.delay
      } else {
        state.first = now
      }
      return state.hasCome
    }
  }
}
