internal import FoundationEssentials
internal import Linux

/// What a hook printed, kept in `.releases/logs/<id>-<hook>.log`, the run before it in `….log.1`.
///
/// Trouble with it is a warning: no hook fails because its words can't be kept.
final class HookLog {
  /// Of the beginning and of the end, in bytes; what is between them is left out.
  private static let headSize = 256 << 10
  private static let tailSize = 768 << 10
  /// How many are kept, of all hooks and releases.
  private static let fileCount = 50

  let path: String
  private let file: Descriptor
  private let warn: @Sendable (String) -> Void
  private var headLeft = HookLog.headSize
  private var tail: [UInt8] = []
  private var leftOut = 0
  private var isBroken = false

  private init(
    path: String, file: consuming Descriptor, warn: @escaping @Sendable (String) -> Void
  ) {
    self.path = path
    self.file = file
    self.warn = warn
  }

  /// Begins a log, with a line that says what and when.
  static func open(_ store: Store, _ call: HookCall, _ environment: Environment) -> HookLog? {
    let name = "\(call.id)-\(call.name.rawValue).log"
    do throws(ReleasesError) {
      let directory = try store.controlDirectory(Layout.logs)
      try store.sweepLogs(in: directory, keeping: fileCount - 1)
      let file = try attempting("can't keep what the \(call.name.rawValue) hook prints") {
        () throws(SystemError) -> Descriptor in
        if try directory.statusIfPresent(of: name) != nil {
          try directory.rename(name, to: name + ".1")
        }
        return try directory.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o640)
      }
      let log = HookLog(
        path: store.path(Layout.control, Layout.logs, name), file: file, warn: environment.warn)
      log.write(
        Array(
          ("# \(environment.now().formatted(.iso8601)) \(call.event) \(call.id)"
            + " by \(legible(environment.user.utf8)): \(call.hook.run.line)\n").utf8))
      return log
    } catch {
      environment.warn("\(error.message): \(error.cause ?? "")")
      return nil
    }
  }

  func append(_ bytes: [UInt8]) {
    let now = min(headLeft, bytes.count)
    if now > 0 {
      write(bytes[..<now])
      headLeft -= now
    }
    tail += bytes[now...]
    // Twice as much, so that not every piece moves all of it.
    if tail.count > Self.tailSize * 2 { cutTail() }
  }

  private func cutTail() {
    let surplus = max(tail.count - Self.tailSize, 0)
    tail.removeFirst(surplus)
    leftOut += surplus
  }

  /// Ends it, with a line that says how the hook ended.
  func close(_ report: HookReport, _ environment: Environment) {
    cutTail()
    if leftOut > 0 { write(Array("\n# \(leftOut) bytes are left out here\n".utf8)) }
    write(tail)
    let end = report.problem ?? "the \(report.name.rawValue) hook succeeded"
    write(Array("# \(environment.now().formatted(.iso8601)) \(end)\n".utf8))
  }

  private func write(_ bytes: some Collection<UInt8>) {
    if isBroken { return }
    do throws(SystemError) {
      try file.write(Array(bytes))
    } catch {
      isBroken = true
      warn("\(path) is not complete: \(error)")
    }
  }
}

extension Configuration.Command {
  /// On one line, for a log.
  fileprivate var line: String {
    switch self {
    case .shell(let line): legible(line.utf8)
    case .arguments(let words): legible(words.joined(separator: " ").utf8)
    }
  }
}

extension Store {
  /// Removes the logs of releases that are gone, and the oldest of too many.
  fileprivate func sweepLogs(
    in directory: borrowing Descriptor, keeping limit: Int
  ) throws(ReleasesError) {
    let known = try snapshot()
    try attempting("can't sweep the logs of hooks") { () throws(SystemError) in
      var kept: [(name: String, modified: FileTime)] = []
      for entry in try directory.entries() {
        guard let id = HookLogName.release(of: entry.name) else { continue }
        if known.knows(id), let status = try directory.statusIfPresent(of: entry.name) {
          kept.append((entry.name, status.modified))
        } else {
          try directory.unlinkIfPresent(entry.name)
        }
      }
      kept.sort { ($0.modified.seconds, $0.name) > ($1.modified.seconds, $1.name) }
      for log in kept.dropFirst(limit) { try directory.unlinkIfPresent(log.name) }
    }
  }
}

/// The names of logs.
enum HookLogName {
  private static let endings = [HookCall.Name.prepare, .activate, .succeeded, .failed]
    .flatMap { ["-\($0.rawValue).log", "-\($0.rawValue).log.1"] }

  /// The release that a log is about; nil for a file that is none of ours.
  static func release(of name: String) -> ReleaseID? {
    endings.first { name.hasSuffix($0) }.flatMap { ReleaseID(name.dropLast($0.count)) }
  }
}
