package import FoundationEssentials
internal import Linux

/// All that the store takes from the world besides its files, so that tests can choose it.
package struct Environment: Sendable {
  /// The wall clock.
  package var now: @Sendable () -> Date
  /// This start of the machine, see random(4).
  package var bootID: String
  package var pid: Int32
  /// In clock ticks since boot, see proc(5).
  package var processStart: UInt64
  /// Who asked, for the journal; not an authority for anything.
  package var user: String
  /// The command line that was asked for, for the journal.
  package var asked: String
  /// The variables of whoever called, of which hooks get some.
  package var variables: [String: String]
  /// Where programs of the host are looked for.
  package var programDirectories: [String]
  /// Told what a person should know while a command runs.
  package var warn: @Sendable (String) -> Void
  /// Told what is going on, by the thread that does it.
  package var watch: @Sendable (StepEvent) -> Void = { _ in }
  /// Told of each transaction once it has ended, for the host's log.
  package var log: @Sendable (JournalEntry) -> Void = { _ in }

  package init(
    now: @escaping @Sendable () -> Date, bootID: String, pid: Int32, processStart: UInt64,
    user: String, asked: String, variables: [String: String] = [:],
    programDirectories: [String] = HostProgram.directories,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.now = now
    self.bootID = bootID
    self.pid = pid
    self.processStart = processStart
    self.user = user
    self.asked = asked
    self.variables = variables
    self.programDirectories = programDirectories
    self.warn = warn
  }

  /// Eight hexadecimal digits nobody has used before, for names that must not meet another's.
  func uniqueSuffix() -> String {
    HostFacts.randomBytes(4).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
