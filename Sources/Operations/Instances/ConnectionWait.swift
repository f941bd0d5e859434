internal import Linux
internal import ReleaseModel

/// Waits until the connections to old instances have ended.
struct ConnectionWait {
  /// The time between two looks at the connections, in seconds. Two looks in a row must find none: a
  /// client may have followed the link just before it was renamed.
  private static let interval = 0.25
  /// The shortest wait, in seconds. The connections of a client in another network namespace can't be
  /// seen, and most requests end within this time.
  private static let minimum = 1.0

  /// Where the instances may be. After a change of the configuration, that is more than one place.
  let layouts: [InstanceLayout]
  /// The longest wait.
  let limit: TimeSpan

  /// Waits. SIGTERM or SIGINT ends the wait early, if it is held back.
  ///
  /// - Parameter remaining: returns the releases whose instances still drain.
  func run(_ remaining: () -> [ReleaseID]) {
    let start = Clock.monotonicSeconds()
    let end = start + Double(limit.seconds)
    var isIdle = false
    while Clock.monotonicSeconds() < end, Signals.pendingTermination() == nil {
      Clock.sleep(seconds: Self.interval)
      let ids = remaining()
      if ids.isEmpty { return }
      let isIdleNow = ids.allSatisfy { id in
        Self.isIdle(
          layouts.map { layout in
            (try? LocalSocket.connections(to: layout.socket(of: id))).flatMap { $0 }
          })
      }
      if isIdle && isIdleNow, Clock.monotonicSeconds() - start >= Self.minimum { return }
      isIdle = isIdleNow
    }
  }

  /// Whether an instance has no connections.
  ///
  /// - Parameter counts: the connections to each socket that may be its own; nil where none listens.
  /// - Returns: false, too, if it listens nowhere, so that its connections can't be seen.
  static func isIdle(_ counts: [Int?]) -> Bool {
    let known = counts.compactMap { $0 }
    return !known.isEmpty && known.allSatisfy { $0 == 0 }
  }
}
