internal import Linux
internal import Operations
internal import ReleaseModel
internal import Synchronization

/// Checks the service and its health repeatedly on a thread of its own, since a check may take
/// ten seconds, and the status of the store must not wait for it.
final class LiveStateWatch: Sendable {
  /// What a check is about. A result is never shown for anything else.
  struct Subject: Equatable, Sendable {
    let live: ReleaseID?
    let isSwitching: Bool
    /// The sequence of the last journal entry: a release may go live twice.
    let sequence: UInt64?

    init(_ state: StoreState) {
      live = state.snapshot.live
      isSwitching = state.facts.isServiceChanging
      sequence = state.journal?.sequence
    }
  }

  /// The time between two checks, in seconds. Each check may start a program or send a request.
  private static let interval = 5.0

  private struct Content {
    var subject: Subject?
    var result: LiveState?
    /// When the last check ended, in seconds.
    var ended: Double?
    var isChecking = false
  }

  private let environment: Environment
  private let content = Mutex(Content())
  private let thread = Mutex<JoinedThread?>(nil)

  init(_ environment: Environment) { self.environment = environment }

  /// Returns the last result about the live release, and starts a check when that is too old or about
  /// something else.
  ///
  /// - Parameter state: the facts of the store.
  /// - Returns: the result; an unknown state when there is none about this release yet.
  func state(for state: StoreState) -> LiveState {
    let subject = Subject(state)
    let (result, isDue) = content.withLock { content -> (LiveState?, Bool) in
      let isKnown = content.subject == subject && content.result != nil
      let age = content.ended.map { Clock.monotonicSeconds() - $0 } ?? .infinity
      let isDue = !content.isChecking && (!isKnown || age >= Self.interval)
      if isDue { content.isChecking = true }
      return (isKnown ? content.result : nil, isDue)
    }
    if isDue { start(subject, state) }
    return result ?? LiveState()
  }

  private func start(_ subject: Subject, _ state: StoreState) {
    let check: @Sendable () -> Void = { [self] in
      let result = state.liveState(environment)
      content.withLock {
        // Without a result, another release went live during the check.
        if let result { ($0.subject, $0.result) = (subject, result) }
        $0.ended = Clock.monotonicSeconds()
        $0.isChecking = false
      }
    }
    // The last check has ended, so this does not wait.
    let started = thread.withLock { thread in
      thread = nil
      thread = try? JoinedThread(check)
      return thread != nil
    }
    if !started { check() }
  }
}
