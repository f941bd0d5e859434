package import FoundationEssentials

/// An actor is the caller of a command, as the journal records it. It grants no rights.
package struct Actor: Sendable {
  /// Reads the wall clock.
  package var now: @Sendable () -> Date
  /// The ID of the current boot; see random(4).
  package var bootID: String
  package var pid: Int32
  /// The start time of the process, in clock ticks since boot; see proc(5).
  package var processStart: UInt64
  /// The name of the user, with the SSH key if there is one.
  package var user: String
  /// The command line.
  package var commandLine: String

  package init(
    now: @escaping @Sendable () -> Date, bootID: String, pid: Int32, processStart: UInt64,
    user: String, commandLine: String
  ) {
    self.now = now
    self.bootID = bootID
    self.pid = pid
    self.processStart = processStart
    self.user = user
    self.commandLine = commandLine
  }
}
