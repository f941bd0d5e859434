internal import Linux

/// Lets a unit start again whose start limit is used up, where that is permitted: a release that
/// dies at start uses it up, and the restart of the old release would then be refused.
struct StartLimitReset {
  /// The path that the line of sudoers(5) names, see ``SudoersLine``.
  static let program = "/usr/bin/systemctl"
  /// How long each way may take, in seconds: somebody waits for the service.
  private static let patience = 2.0
  private static let grace = SupervisedProcess.Grace(atTimeUp: 0.2, whenStopped: 0.2)

  /// As the configuration names it.
  let unit: String

  /// Tries as root, else as polkit(8) lets the user, else with sudo(8). That none of it is permitted
  /// is no failure: the hook is run all the same, and ``Check`` warns of it.
  ///
  /// - Parameter stop: asked some ten times a second.
  func run(_ environment: Environment, stop: StopQuestion) {
    let words = ["reset-failed", unit]
    if ProcessFacts.effectiveUser == 0 {
      _ = succeeds("systemctl", words, environment, stop)
      return
    }
    guard !succeeds("systemctl", ["--no-ask-password"] + words, environment, stop) else { return }
    _ = succeeds("sudo", ["-n", Self.program] + words, environment, stop)
  }

  /// Whether sudo(8) lets the user do it without asking for a password; nil where there is no sudo,
  /// or it can't be asked.
  ///
  /// - Parameter stop: asked some ten times a second.
  func isPermitted(_ environment: Environment, stop: StopQuestion) -> Bool {
    succeeds("sudo", ["-n", "-l", Self.program, "reset-failed", unit], environment, stop)
  }

  /// What sudo(8) starts belongs to root and may not be killed, so it is left behind when its time is
  /// up.
  private func succeeds(
    _ name: String, _ words: [String], _ environment: Environment, _ stop: StopQuestion
  ) -> Bool {
    guard stop() == nil,
      let program = HostProgram.find(name, in: environment.programDirectories),
      let root = try? Descriptor.openDirectory("/"),
      let process = try? SupervisedProcess(
        program, [name] + words, environment: HostProgram.environment, directory: root)
    else { return false }
    let outcome = process.run(
      within: Self.patience, grace: Self.grace, stop: { stop() != nil }, output: { _ in })
    if case .exited(0)? = outcome.ending { return true }
    return false
  }
}
