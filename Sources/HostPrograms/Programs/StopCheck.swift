/// Returns why to stop the running program, or nil to continue. It is called about ten times a
/// second.
package typealias StopCheck = @Sendable () -> StopReason?

/// The reason why a hook or a health check is stopped.
package enum StopReason: Equatable, Sendable {
  /// This process received the signal; see signal(7).
  case signal(Int32)
  /// A user ran `releases abort`.
  case aborted(by: String, reason: String?)
}

extension StopReason: CustomStringConvertible {
  /// The reason, as the end of the sentence "it was stopped …".
  package var description: String {
    switch self {
    case .signal(let number): "by signal \(number)"
    case .aborted(let user, let reason): "by \(user)" + (reason.map { ": \($0)" } ?? "")
    }
  }
}
