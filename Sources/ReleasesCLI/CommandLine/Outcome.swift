internal import ReleaseStore

/// What a command has to say once it is done.
struct Outcome: Sendable {
  let text: String
}

extension Command {
  /// Stands in for the work of a command that is declared and nothing more.
  static func decline(_ invocation: Invocation) throws(ReleasesError) -> Outcome {
    throw ReleasesError(.unsupported, "this build can't \(invocation.command.name) yet")
  }
}
