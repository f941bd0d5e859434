internal import Linux
package import ReleaseModel
package import ReleaseStore

/// The record of a deployment that is under way. While this value lives, `wait` sees that its process
/// is at work.
package struct AttemptRecord: ~Copyable {
  private let store: Store
  private let actor: Actor
  private var attempt: Attempt
  private let lock: Descriptor

  /// Records that a deployment begins.
  ///
  /// - Parameters:
  ///   - token: the name of the attempt.
  ///   - ref: the ref that the archive was built from.
  ///   - store: the store.
  ///   - actor: who deploys, and when.
  /// - Throws: `requestTaken` when there is a record with this token, another error when it can't be
  ///   written.
  package init(
    _ token: AttemptToken, ref: String?, in store: Store, _ actor: Actor
  ) throws(ReleasesError) {
    let attempt = Attempt(token, ref: ref, actor)
    lock = try store.attempts.begin(attempt)
    self.attempt = attempt
    self.store = store
    self.actor = actor
  }

  /// Records how the deployment ended.
  ///
  /// - Parameters:
  ///   - exitStatus: the exit status of the command.
  ///   - report: the JSON document of the command.
  /// - Throws: an error when it can't be written.
  package consuming func end(exitStatus: Int32, report: JSONValue) throws(ReleasesError) {
    attempt.ended = actor.now()
    attempt.exitStatus = exitStatus
    attempt.report = report
    try store.attempts.end(attempt)
  }
}
