internal import CommandLineKit
internal import FoundationEssentials
internal import HostPrograms
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Everything that a command receives besides its invocation.
struct Context: Sendable {
  /// The absolute path of the store.
  let storePath: String
  let notices: Notices
  let variables: [String: String]
  /// Whether the command only says what it would do.
  let isDryRun: Bool
  /// The limits of the session of an SSH key; nil if the gate has not started this process.
  let session: GateSession?
  /// All commands, for the commands that document or run others.
  let commands: CommandSet
  /// The arguments of the program.
  let arguments: [String]
  /// Whether the command takes the lock of the store.
  let changesStore: Bool

  /// Creates the context of one invocation. The store is the one that `--store` names, or else
  /// `RELEASES_STORE`, or else `/opt/diting`.
  ///
  /// - Parameters:
  ///   - invocation: the command line.
  ///   - arguments: the arguments of the program, for the journal.
  ///   - variables: the environment variables.
  ///   - commands: all commands.
  ///   - permits: returns whether the SSH key may run a command line; nil if the gate has not started
  ///     this process.
  /// - Throws: `noSuchStore` for a relative path when the working directory is unknown.
  init(
    _ invocation: Invocation, arguments: [String], variables: [String: String],
    commands: CommandSet, permits: (@Sendable (String) -> Bool)? = nil
  ) throws(ReleasesError) {
    let named = variables["RELEASES_STORE"].flatMap { $0.isEmpty ? nil : $0 }
    let path = try Self.absolute(invocation.value(.store) ?? named ?? "/opt/diting")
    storePath = path
    notices = Notices(
      reader: HintReader(
        store: invocation.value(.store),
        limits: permits.map { HintReader.Limits(hostStore: path, permits: $0) }),
      isQuiet: invocation.flag(.quiet),
      variables: variables)
    self.variables = variables
    isDryRun = invocation.flag(.dryRun)
    session = GateSession(variables: variables)
    self.commands = commands
    self.arguments = arguments
    changesStore = invocation.command.changesStore && !invocation.flag(.dryRun)
  }

  /// Who reads the hints of this command.
  var reader: HintReader { notices.reader }

  /// Returns the absolute form of a path, without empty components.
  ///
  /// - Throws: `noSuchStore` for a relative path when the working directory is unknown.
  private static func absolute(_ path: String) throws(ReleasesError) -> String {
    var path = path
    if !path.isAbsolutePath {
      guard let here = WorkingDirectory.path, here.isAbsolutePath else {
        throw ReleasesError(
          .noSuchStore, "the working directory was removed, or its name is not UTF-8",
          hint: "name the store by an absolute path, as in --store /opt/diting")
      }
      path = here + "/" + path
    }
    return "/" + path.nameComponents.joined(separator: "/")
  }

  /// Opens the store, as its owner if root runs this on the store of another user.
  ///
  /// - Throws: what ``becomeOwner()`` and ``Store/open(_:)`` throw, `permission` for a command that
  ///   changes the store and a user who may not.
  func openStore() throws(ReleasesError) -> Store {
    try becomeOwner()
    let store = try Store.open(storePath)
    if changesStore { try refuseOtherUser(of: store) }
    if isDryRun { warnOfHolder(of: store) }
    return store
  }

  /// Warns that a dry run shows a state which a running command is about to change.
  private func warnOfHolder(of store: Store) {
    guard let bootID = try? actor().bootID,
      let holder = (try? store.journal.lockHolder(bootID: bootID)) ?? nil
    else { return }
    notices.warn(
      Notice(
        "\(holder.name) holds the lock and may change the result of this dry run",
        hint: Hint("see what it is doing", command: ["status"])))
  }

  /// Takes a place among the sessions of the SSH key, before the command starts programs, waits or
  /// prints. Does nothing for a process that the gate has not started.
  ///
  /// - Throws: what ``becomeOwner()`` throws, `locked` when the key has too many sessions.
  func beginSession() throws(ReleasesError) {
    guard let session else { return }
    try becomeOwner()
    // The command itself reports that there is no store.
    guard let store = try? Store.open(storePath) else { return }
    try session.begin(in: store)
  }
}

// MARK: - Who acts

extension Context {
  /// The variable in which the gate passes the name of the SSH key, for the journal. It grants no
  /// rights.
  static let keyVariable = "RELEASES_KEY"

  /// Returns who acts and when, and the functions that print warnings, events and log lines.
  ///
  /// - Throws: `unsupported` if `/proc` does not show the boot ID.
  func environment() throws(ReleasesError) -> Environment {
    let (notices, display, store) = (notices, StepDisplay(notices), storePath)
    return Environment(
      actor: try actor(), caller: CallerEnvironment(variables: variables),
      observer: Observer(
        warn: { notices.warn($0) }, step: { display.show($0) },
        transaction: {
          SystemLog.send(
            $0.logLine(store: store), $0.isLoggedAsWarning ? .warning : .notice)
        }))
  }

  /// Returns the clock, this process and its user.
  ///
  /// - Throws: `unsupported` if `/proc` does not show the boot ID.
  func actor() throws(ReleasesError) -> Actor {
    let pid = ProcessFacts.pid
    let account =
      variables["SUDO_USER"] ?? variables["LOGNAME"] ?? variables["USER"]
      ?? (ProcessFacts.hasChangedUser ? "root" : ProcessFacts.userName)
      ?? "uid \(ProcessFacts.effectiveUser)"
    return Actor(
      now: {
        let now = Clock.now()
        return Date(timeIntervalSince1970: Double(now.seconds) + Double(now.nanoseconds) / 1e9)
      },
      bootID: try Self.bootID(), pid: pid, processStart: ProcessFacts.startTime(of: pid) ?? 0,
      user: variables[Self.keyVariable].map { "\(account) (key \($0))" } ?? account,
      commandLine: (["releases"] + arguments).joined(separator: " "))
  }

  /// Returns the ID of the current boot. Recovery needs it to find out whether an interrupted
  /// command still runs.
  ///
  /// - Throws: `unsupported` if `/proc` does not show it; an error when it can't be read.
  private static func bootID() throws(ReleasesError) -> String {
    do throws(SystemError) {
      return try HostFacts.bootID()
    } catch let error where error.errno == .noEntry || error.errno == .accessDenied {
      throw ReleasesError(hiddenProc: error)
    } catch {
      throw ReleasesError("can't read the boot ID", error)
    }
  }
}

extension ReleasesError {
  /// Describes a failure to read something that only `/proc` provides; see proc(5).
  init(hiddenProc error: SystemError) {
    let isPart = HostFacts.hasProc
    self.init(
      .unsupported,
      isPart ? "can't read the boot ID: /proc/sys is hidden" : "/proc is not mounted",
      hint: isPart
        ? Hint(
          "show it (in a systemd unit, set ProcSubset=all)", shell: "mount -o remount,subset= /proc"
        )
        : Hint("mount it", shell: "mount -t proc proc /proc"),
      cause: Message(error))
  }
}
