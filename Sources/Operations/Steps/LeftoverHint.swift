internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

extension Hint {
  /// Makes the hint for a process of another release that answers in place of the expected one.
  ///
  /// - Parameters:
  ///   - text: what the command is for.
  ///   - pid: the process.
  /// - Returns: a hint with a kill(1) that the caller or an administrator can run.
  static func endLeftover(_ text: Message, _ pid: Int32) -> Hint {
    Hint(text, shell: "\(asRoot)kill \(pid)")
  }
}
