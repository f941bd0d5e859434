internal import ReleaseModel
internal import Text

extension Hint {
  /// Makes the hint for an activate hook that sudo(8) does not permit.
  ///
  /// - Parameters:
  ///   - state: the state that this has left.
  ///   - step: what to do when the rule has been added; nil for nothing.
  /// - Returns: the hint, whose command prints the rule of sudoers(5) that is missing.
  static func sudoRule(_ state: Message, then step: Message? = nil) -> Hint {
    Hint(
      "\(state); see the rule that permits it" + (step.map { ", add it, then \($0)" } ?? ""),
      command: ["check"])
  }
}
