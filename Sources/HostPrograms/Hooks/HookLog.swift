internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// Keeps the beginning and the end of what a hook prints, at most one megabyte in total. The first
/// failure to write is reported as a warning, and the hook continues.
final class HookLog {
  /// How much of the beginning is kept, in bytes.
  private static let headLimit = 256 << 10
  /// How much of the end is kept at most, in bytes; at least half of it is kept.
  private static let tailLimit: Int64 = 768 << 10

  /// The full path of the file; nil when it could not be created.
  let path: String?

  private let call: HookCall
  private let actor: Actor
  private let warn: @Sendable (Message) -> Void
  private let file: Descriptor?
  private var isBroken = false
  private var headBytesLeft = headLimit
  private var headEnd: Int64 = 0
  private var position: Int64 = 0
  private var omittedBytes: Int64 = 0
  private var isAtLineStart = true

  /// Creates the log. The previous log of the same hook is kept as `.1`, and the logs of removed
  /// releases are removed.
  ///
  /// - Parameters:
  ///   - call: the hook and its context.
  ///   - logs: the directory of the hook logs, or why there is none.
  ///   - actor: who runs the hook, and when.
  ///   - releases: the directory of the releases.
  ///   - warn: receives the reason why the log can't be kept.
  init(
    _ call: HookCall, in logs: consuming HookLogs, _ actor: Actor,
    releases: borrowing Descriptor, warn: @escaping @Sendable (Message) -> Void
  ) {
    self.call = call
    self.actor = actor
    self.warn = warn
    let name = HookLogName(id: call.place == nil ? call.id : nil, hook: call.name)
    var problem: Message?
    switch logs.directory {
    case .some(let directory):
      do throws(SystemError) {
        try name.rotate(in: directory)
        file = try directory.open(
          name.text, [.readWrite, .create, .exclusive, .noFollow], mode: 0o640)
        path = "\(logs.path)/\(name.text)"
      } catch {
        file = nil
        path = nil
        problem = Message(error)
      }
      if problem == nil {
        HookLogName.sweep(directory, except: name.text) { Self.mayExist($0, in: releases) }
      }
    case .none:
      file = nil
      path = nil
      problem = logs.problem
    }
    if let problem { warnOfFailure(problem) }
    let subject = call.place?.text ?? "release \(call.id)"
    append(Array("# \(now) \(call.name.rawValue) of \(subject)".utf8))
    append(Array(" by \(printable(actor.user.utf8)): \(call.hook.run.text)\n".utf8))
    headEnd = position
  }

  /// Whether a release has a directory; true when that can't be determined.
  private static func mayExist(_ id: ReleaseID, in releases: borrowing Descriptor) -> Bool {
    do throws(SystemError) {
      return try releases.statusIfPresent(of: id.text) != nil
    } catch {
      return true
    }
  }

  /// Adds output of the hook.
  func write(_ bytes: [UInt8]) {
    let head = bytes.prefix(headBytesLeft)
    headBytesLeft -= head.count
    append(Array(head))
    if !head.isEmpty { headEnd = position }
    guard head.count < bytes.count else { return }
    append(Array(bytes[head.count...]))
    if position - headEnd > Self.tailLimit { shorten() }
  }

  /// Adds a last line that says how the hook ended.
  func finish(_ report: HookReport) {
    append(
      Array("\(isAtLineStart ? "" : "\n")# \(now) \(call.name.rawValue) \(report.outcome)\n".utf8))
  }

  private var now: String { actor.now().rfc3339 }

  /// Drops the older half of what follows the beginning.
  private func shorten() {
    ifUsable { file throws(SystemError) in
      var kept = try file.read(
        count: Int(Self.tailLimit / 2), at: position - Self.tailLimit / 2)[...]
      // The first line is incomplete, which would mislead.
      if let newline = kept.prefix(4096).firstIndex(of: UInt8(ascii: "\n")) {
        kept = kept[(newline + 1)...]
      }
      omittedBytes +=
        position - headEnd - Int64(kept.count) - (omittedBytes > 0 ? Int64(omissionNote.count) : 0)
      try file.truncate(to: headEnd)
      position = headEnd
      try file.write(omissionNote + kept, at: position)
      position += Int64(omissionNote.count + kept.count)
    }
  }

  private var omissionNote: [UInt8] {
    Array("\n# \(omittedBytes) bytes are left out here\n".utf8)
  }

  private func append(_ bytes: [UInt8]) {
    guard let last = bytes.last else { return }
    ifUsable { file throws(SystemError) in
      try file.write(bytes, at: position)
      position += Int64(bytes.count)
      isAtLineStart = last == UInt8(ascii: "\n")
    }
  }

  private func ifUsable(_ body: (borrowing Descriptor) throws(SystemError) -> Void) {
    guard !isBroken else { return }
    switch file {
    case .none: return
    case .some(let file):
      do throws(SystemError) {
        try body(file)
      } catch {
        isBroken = true
        warnOfFailure(Message(error))
      }
    }
  }

  private func warnOfFailure(_ reason: Message) {
    warn("can't keep the log of the \(call.name.rawValue) hook: \(reason)")
  }
}
