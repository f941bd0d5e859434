extension Store {
  /// Runs a hook to its end, or to the end of its time.
  ///
  /// INT, TERM and QUIT are the caller's: held back, and asked for by `stop`.
  ///
  /// - Parameters:
  ///   - stop: asked some ten times a second.
  ///   - output: given what the hook prints, as it comes. The time limit waits while it runs.
  package func run(
    _ call: HookCall, _ environment: Environment, stop: StopQuestion,
    output: @Sendable ([UInt8]) -> Void
  ) -> HookReport {
    HookReport(
      name: call.name, seconds: 0, ending: .notStarted("nothing is run yet"), lastLines: [],
      log: nil, leftRunning: nil)
  }

  /// Why configured programs would not run, or must not: one error for each.
  ///
  /// Looks at hooks and the health command whose first word is an absolute path. Throws nothing:
  /// to refuse, throw the first. The codes are `configuration` for a program that is not there or
  /// can't be run, `unsafeOwner` for one that others than root and the store's owner may change.
  package func hookProblems(_ configuration: Configuration) -> [ReleasesError] { [] }
}
