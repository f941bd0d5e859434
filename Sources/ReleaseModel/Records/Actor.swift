package import FoundationEssentials

/// Who makes a change, and when: what the journal records about the caller. It grants no rights.
package struct Actor: Sendable {
  /// Reads the wall clock.
  package var now: @Sendable () -> Date
  /// Identifies this boot of the host, see random(4).
  package var bootID: String
  package var pid: Int32
  /// When the process started, in clock ticks since boot, see proc(5).
  package var processStart: UInt64
  /// The name of the user who asked, with the SSH key where there is one.
  package var user: String
  /// The command line that was typed.
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
