internal import Linux

/// Resets the start limit of a unit, where that is permitted. A release that dies at start uses up
/// the limit, and systemd would then refuse the restart of the old release.
struct StartLimitReset {
  /// The path in the line of sudoers(5), see ``SudoersLine``.
  static let program = "/usr/bin/systemctl"
  /// How long each attempt may take, in seconds; the service is waiting meanwhile.
  private static let patience = 2.0
  private static let grace = SupervisedProcess.Grace(atTimeUp: 0.2, whenStopped: 0.2)

  /// The unit's name in the configuration.
  let unit: String

  /// Resets the limit directly as root. Any other user tries it with polkit(8) and then with
  /// sudo(8). If neither permits it, the hook still runs, and ``Check`` warns about it.
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

  /// Whether sudo(8) permits the reset without a password; false where sudo is missing or fails.
  ///
  /// - Parameter stop: asked some ten times a second.
  func isPermitted(_ environment: Environment, stop: StopQuestion) -> Bool {
    succeeds("sudo", ["-n", "-l", Self.program, "reset-failed", unit], environment, stop)
  }

  /// Runs a command and returns whether it exited with 0. A process of sudo(8) belongs to root and
  /// can't be killed, so it keeps running when its time is up.
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
