internal import Linux

/// Resets the start limit of a unit, if that is permitted. A release that exits at start uses up
/// the limit, and systemd would then refuse the restart of the old release.
package struct StartLimitReset {
  /// The path in the line of sudoers(5); see ``SudoersLine``.
  static let program = "/usr/bin/systemctl"
  /// How long each attempt may take, in seconds. The service is down during this time.
  private static let timeLimit = 2.0
  private static let grace = SupervisedProcess.Grace(atTimeUp: 0.2, whenStopped: 0.2)

  /// The unit's name in the configuration.
  let unit: String

  /// - Parameter unit: the name of the unit in the configuration.
  package init(unit: String) {
    self.unit = unit
  }

  /// Resets the limit directly as root. Any other user tries it with polkit(8) and then with
  /// sudo(8). If neither permits it, the hook still runs, and `releases check`
  /// warns about it.
  ///
  /// - Parameters:
  ///   - caller: what the programs get from the caller.
  ///   - stop: called about ten times a second.
  package func run(_ caller: CallerEnvironment, stop: StopCheck) {
    let arguments = ["reset-failed", unit]
    if ProcessFacts.effectiveUser == 0 {
      _ = succeeds("systemctl", arguments, caller, stop)
      return
    }
    guard !succeeds("systemctl", ["--no-ask-password"] + arguments, caller, stop) else { return }
    _ = succeeds("sudo", ["-n", Self.program] + arguments, caller, stop)
  }

  /// Whether sudo(8) permits the reset without a password; false if sudo is missing or fails.
  ///
  /// - Parameters:
  ///   - caller: what the programs get from the caller.
  ///   - stop: called about ten times a second.
  /// - Returns: whether sudo(8) permits it.
  package func isPermitted(_ caller: CallerEnvironment, stop: StopCheck) -> Bool {
    succeeds("sudo", ["-n", "-l", Self.program, "reset-failed", unit], caller, stop)
  }

  /// Runs a command and returns whether it exited with 0. A process of sudo(8) belongs to root and
  /// can't be killed, so it keeps running after the time limit.
  private func succeeds(
    _ name: String, _ arguments: [String], _ caller: CallerEnvironment, _ stop: StopCheck
  ) -> Bool {
    guard stop() == nil,
      let program = HostProgram.find(name, in: caller.programDirectories),
      let root = try? Descriptor.openDirectory("/"),
      let process = try? SupervisedProcess(
        program, [name] + arguments, environment: HostProgram.environment, directory: root)
    else { return false }
    let outcome = process.run(
      within: Self.timeLimit, grace: Self.grace, stop: { stop() != nil }, output: { _ in })
    if case .exited(0)? = outcome.ending { return true }
    return false
  }
}
