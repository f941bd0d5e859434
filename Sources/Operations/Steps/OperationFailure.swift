package import ReleaseModel
package import Text

/// An operation that failed, and what it had done by then.
package struct OperationFailure: Error, Sendable {
  package var error: ReleasesError
  package var trace: OperationTrace

  package init(_ error: ReleasesError, _ trace: OperationTrace = OperationTrace()) {
    self.error = error
    self.trace = trace
  }
}

/// What an operation has done so far.
package struct OperationTrace: Sendable {
  /// The release that it is about, once that has an ID.
  package var id: ReleaseID?
  package var steps: [Step] = []
  /// The releases that were removed to make space.
  package var pruned: [ReleaseID] = []
  /// What the recovery of an interrupted command did first, one line each.
  package var recovered: [Message] = []
  /// The release that was marked bad because it failed; nil for none.
  package var markedBad: ReleaseID?
  /// The release that failed and was not marked bad, and why; nil when there is none.
  package var kept: (id: ReleaseID, reason: Message)?
  /// The signal that stopped the operation. Everything has been restored, and the process must end.
  package var signal: Int32?

  package init() {}
}

/// Runs a part of an operation, and throws its error as a failure of the operation.
///
/// - Parameters:
///   - trace: what the operation had done before.
///   - body: the part of the operation.
/// - Returns: what `body` returns.
/// - Throws: ``OperationFailure`` with the error of `body`.
func withOperationFailure<Result: ~Copyable>(
  _ trace: @autoclosure () -> OperationTrace = OperationTrace(),
  _ body: () throws(ReleasesError) -> Result
) throws(OperationFailure) -> Result {
  do throws(ReleasesError) {
    return try body()
  } catch {
    throw OperationFailure(error, trace())
  }
}
