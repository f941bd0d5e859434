package import Text

/// Decides whether a release whose switch was not confirmed is marked bad.
///
/// A release that has never been live is marked: nothing speaks for it. A release that was live and
/// good before is marked only if the failure is its own. It is not when the switch was interrupted, or
/// when the restored release fails too, since then the cause lies outside of both, such as a database
/// that is down. A mark would cost the operator a good release, because `prune` removes bad ones.
package enum BadMark: Equatable, Sendable {
  case mark
  /// The release keeps its state, for this reason.
  case keep(Message)

  /// Decides for one release.
  ///
  /// - Parameters:
  ///   - wasGood: whether the release was live before and was not bad when the switch began.
  ///   - isInterrupted: whether the switch was stopped by a signal, an operator or a power failure.
  ///   - restoredFails: whether the release that was restored failed too.
  /// - Returns: the decision.
  package static func decide(
    wasGood: Bool, isInterrupted: Bool, restoredFails: Bool
  ) -> BadMark {
    if !wasGood { return .mark }
    if restoredFails {
      return .keep("it was good before, and what was live before the switch fails too")
    }
    return isInterrupted ? .keep("it was good before, and its switch was interrupted") : .mark
  }
}

extension CatalogEntry {
  /// Whether the release was live once and is still good.
  package var wasGood: Bool { activation != nil && state == .ready }
}
