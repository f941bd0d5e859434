/// Asked some ten times a second while a hook or a health check goes on: why to give up now; nil
/// to go on.
package typealias StopQuestion = @Sendable () -> StopReason?

/// Why something that takes its time is given up.
package enum StopReason: Equatable, Sendable {
  /// This process was told to end, see signal(7).
  case signal(Int32)
  /// Somebody asked for it.
  case aborted(by: String, reason: String?)
}

extension StopReason: CustomStringConvertible {
  /// Continues "it was stopped".
  package var description: String {
    switch self {
    case .signal(let number): "by signal \(number)"
    case .aborted(let user, let reason): "by \(user)" + (reason.map { ": \($0)" } ?? "")
    }
  }
}
