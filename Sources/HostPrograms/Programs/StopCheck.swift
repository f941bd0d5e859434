/// Called about ten times a second while a program runs: returns why to stop it, or nil to go on.
package typealias StopCheck = @Sendable () -> StopReason?

/// Why a hook or a health check is stopped.
package enum StopReason: Equatable, Sendable {
  /// This process got the signal, see signal(7).
  case signal(Int32)
  /// A user asked for it with `releases abort`.
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
