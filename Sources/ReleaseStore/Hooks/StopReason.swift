/// Why a hook or a health check is to be given up.
package enum StopReason: Equatable, Sendable {
  case signal(Int32)
  case aborted(by: String, reason: String?)

  /// For people, after "by".
  var description: String {
    switch self {
    case .signal(2): "an interrupt (signal 2)"
    case .signal(15): "a request to end (signal 15)"
    case .signal(let number): "signal \(number)"
    case .aborted(let user, let reason): "\(user)\(reason.map { ": \($0)" } ?? "")"
    }
  }
}

/// Asked many times a second while a hook or a health check goes on: why to give up now; nil to go
/// on.
package typealias StopQuestion = () -> StopReason?
