internal import FoundationEssentials
internal import Linux
internal import ReleaseStore

/// What a command gets besides its invocation.
struct Context: Sendable {
  /// Absolute.
  let storePath: String
  /// As --store was given; nil where it was not.
  let storeArgument: String?
  let isQuiet: Bool
  let variables: [String: String]
  private let arguments: [String]

  /// The store is what `--store` says, else RELEASES_STORE, else the one this was made for.
  ///
  /// Throws `noSuchStore` for a relative path where nobody can tell what it is relative to.
  init(
    _ invocation: Invocation, arguments: [String], variables: [String: String]
  ) throws(ReleasesError) {
    let named = variables["RELEASES_STORE"].flatMap { $0.isEmpty ? nil : $0 }
    storePath = try Self.absolute(invocation.value(.store) ?? named ?? "/opt/diting")
    storeArgument = invocation.value(.store)
    isQuiet = invocation.flag(.quiet)
    self.variables = variables
    self.arguments = arguments
  }

  private static func absolute(
    _ path: String
  ) throws(ReleasesError) -> String {
    var path = path
    if !path.isAbsolutePath {
      guard let here = WorkingDirectory.path, here.isAbsolutePath else {
        throw ReleasesError(
          .noSuchStore, "the working directory is gone, or its name is not UTF-8",
          hint: "name the store by its full path: releases --store /PATH")
      }
      path = here + "/" + path
    }
    return "/" + path.nameComponents.joined(separator: "/")
  }

  /// The clock, this process and who runs it.
  func environment() throws(ReleasesError) -> Environment {
    let pid = ProcessFacts.pid
    let account =
      variables["SUDO_USER"] ?? variables["LOGNAME"] ?? variables["USER"]
      ?? ProcessFacts.userName ?? "uid \(ProcessFacts.effectiveUser)"
    let user = variables[Gate.keyVariable].map { "\(account) (key \($0))" } ?? account
    var environment = Environment(
      now: {
        let now = Clock.now()
        return Date(timeIntervalSince1970: Double(now.seconds) + Double(now.nanoseconds) / 1e9)
      },
      bootID: try Self.bootID(),
      pid: pid, processStart: ProcessFacts.startTime(of: pid) ?? 0, user: user,
      asked: (["releases"] + arguments).joined(separator: " "), variables: variables, warn: warn)
    let display = StepDisplay(self)
    environment.watch = { display.show($0) }
    let store = storePath
    environment.log = { SystemLog.send($0.logLine(store: store), $0.logSeverity) }
    return environment
  }

  /// Returns the ID of the current boot. Recovery needs it to find out whether an interrupted
  /// command still runs.
  ///
  /// - Throws: `unsupported` where `/proc` does not show the ID.
  private static func bootID() throws(ReleasesError) -> String {
    do throws(SystemError) {
      return try HostFacts.bootID()
    } catch let error where error.errno == .noEntry || error.errno == .accessDenied {
      throw ReleasesError(hiddenProc: error)
    } catch {
      throw ReleasesError("can't tell this boot from others", error)
    }
  }

  /// Tells a person something on standard error.
  func warn(_ line: String) {
    let style = Style(stream: .error, environment: variables)
    let label = Emphasis.caution.apply("warning:", style)
    let text = style.printable(naming(store: storeArgument, in: line))
    say("\(label) \(text)")
  }

  /// Tells what settling an interrupted command did.
  func tell(recovered: [String]) {
    let style = Style(stream: .error, environment: variables)
    for line in recovered {
      say("recovered: \(style.printable(line))")
    }
  }

  /// Prints a notice on standard error, for the log of a unit.
  func tell(_ line: String) {
    say(Style(stream: .error, environment: variables).printable(line))
  }

  /// No transaction waits for a reader who has fallen asleep.
  private func say(_ line: String) {
    _ = StandardStream.error.write(Array("releases: \(line)\n".utf8), waitingUpTo: 2)
  }

  /// Opens the store, as its owner when root runs this on somebody else's.
  func openStore() throws(ReleasesError) -> Store {
    try becomeOwner()
    return try Store.open(storePath)
  }
}

extension Context {
  /// Takes the lock, settles what was interrupted, and tells of it.
  func begin(
    _ store: Store, _ invocation: Invocation, hooks: RecoveryHooks = .run
  ) throws(ReleasesError) -> Transaction {
    try Transaction.begin(
      store, try environment(), waitingUpTo: try invocation.waitSeconds(), hooks: hooks)
  }

  /// Begins a transaction before the service starts. It does not wait for the lock: its holder may
  /// be a deployment that waits for the service, which in turn waits for this process.
  ///
  /// - Throws: `locked` immediately where another process holds the lock.
  func beginAtBoot(_ store: Store) throws(ReleasesError) -> Transaction {
    try Transaction.begin(store, try environment(), waitingUpTo: 0, hooks: .skip)
  }

  /// Runs a small change of the store as one transaction.
  ///
  /// - Parameters:
  ///   - id: the release it is about, as it was typed.
  ///   - would: what to tell of it in a dry run.
  ///   - said: what to tell once it is done.
  ///   - change: returns whether there was anything to do.
  func change(
    _ invocation: Invocation, id name: String? = nil,
    would: @escaping @Sendable (_ id: String, _ snapshot: Snapshot) -> String,
    said: @escaping @Sendable (_ id: String, _ isChanged: Bool) -> String,
    _ change: (inout Transaction, ReleaseID?) throws(ReleasesError) -> Bool
  ) throws(ReleasesError) -> Outcome {
    let store = try openStore()
    let snapshot = try store.snapshot()
    var id: ReleaseID?
    if let name { id = try snapshot.release(named: name) }
    let text = id?.text ?? ""
    var report = ChangeReport(command: invocation.command.name, id: id?.text, outcome: "done")
    if invocation.flag(.dryRun) {
      report.dryRun = true
      return Outcome(report) { _ in would(text, snapshot) }
    }
    var transaction = try begin(store, invocation)
    report.recovered = transaction.recovered
    do throws(ReleasesError) {
      let isChanged = try change(&transaction, id)
      transaction.end()
      let done = ChangeReport(
        command: report.command, id: report.id, outcome: isChanged ? "done" : "unchanged",
        recovered: report.recovered)
      return Outcome(done) { _ in said(text, isChanged) }
    } catch {
      transaction.end()
      throw error
    }
  }
}

extension Invocation {
  /// The value of an option that takes a number of things, never none.
  func positive(_ name: Option.Name) throws(ReleasesError) -> Int? {
    guard let number = number(name) else { return nil }
    if number > 0 { return number }
    throw ReleasesError(
      .usage, "\(name.long) takes a whole number above 0",
      hint: "see: releases help \(command.name)")
  }

  /// How long to wait for the lock, in seconds.
  func waitSeconds() throws(ReleasesError) -> Double {
    Double(try duration(.wait)?.seconds ?? 30)
  }

  /// The value of an option that takes a duration.
  func duration(_ name: Option.Name) throws(ReleasesError) -> TimeSpan? {
    guard let text = value(name) else { return nil }
    if let span = TimeSpan(parsing: text) { return span }
    throw ReleasesError(
      .usage, "\(name.long) takes a duration such as 90s, 5m or 7d, not \(text)",
      hint: "see: releases help \(command.name)")
  }
}

extension ReleasesError {
  /// Describes a failure to read something that only `/proc` provides, see proc(5).
  init(hiddenProc error: SystemError) {
    let isPart = HostFacts.hasProc
    self.init(
      .unsupported,
      isPart ? "can't read the boot ID: /proc/sys is hidden" : "/proc is not mounted",
      hint: isPart
        ? "show it, in a systemd unit by ProcSubset=all: mount -o remount,subset= /proc"
        : "mount -t proc proc /proc",
      cause: error.description)
  }
}
