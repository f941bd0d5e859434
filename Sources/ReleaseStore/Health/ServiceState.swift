/// What systemd says of a unit, and which release its main process runs in.
package struct ServiceState: Sendable {
  package let unit: String
  /// Such as "active" or "failed", see systemctl(1); nil where systemd could not be asked.
  package let activeState: String?
  /// Such as "running" or "exited".
  package let subState: String?
  /// How it ended last, such as "success" or "exit-code".
  package let result: String?
  /// Nil when there is none.
  package let mainPID: Int32?
  /// The release the main process has its working directory in; nil when in none, or not seen.
  package let runs: ReleaseID?
  /// The working directory of the main process, for messages; nil when not seen.
  package let path: String?
  /// What could not be looked at, and why, in one line; nil when all was.
  package let note: String?
}

extension Store {
  /// Asks the host's systemd, for at most ten seconds.
  package func serviceState(_ unit: String, _ environment: Environment) -> ServiceState {
    ServiceState(
      unit: unit, activeState: nil, subState: nil, result: nil, mainPID: nil, runs: nil,
      path: nil, note: "nobody looked yet")
  }
}
