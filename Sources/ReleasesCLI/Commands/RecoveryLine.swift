internal import ReleaseModel
internal import Text

/// Returns the line of a dry run that says what the command would recover first.
///
/// - Parameter recovery: what would be recovered.
/// - Returns: the line, without a newline.
func recoveryLine(_ recovery: PendingRecovery) -> Message {
  let id: Message = recovery.entry.id.map { " of \($0)" } ?? ""
  return "would first recover the interrupted \(recovery.entry.operation.rawValue)\(id)"
    + (recovery.summary.map { " and \($0)" } ?? "")
}

extension Notices {
  /// Prints what a dry run says that the command would recover first; nil for nothing.
  func printPending(_ recovery: PendingRecovery?) {
    if let recovery { printLine(recoveryLine(recovery)) }
  }
}
