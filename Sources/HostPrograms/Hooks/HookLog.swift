internal import Configuration
internal import Linux
internal import ReleaseModel
internal import Text

/// What a hook prints, kept for later: the beginning, and the end, never more than a megabyte of
/// it. Trouble with it is warned of once, and is none of the hook.
final class HookLog {
  /// Kept of the beginning, in bytes.
  private static let headLimit = 256 << 10
  /// Kept of the end, in bytes: no more than this, no less than half of it.
  private static let tailLimit: Int64 = 768 << 10

  /// In full; nil when nothing could be kept.
  let path: String?

  private let call: HookCall
  private let actor: Actor
  private let reportTrouble: @Sendable (String) -> Void
  private let file: Descriptor?
  private var isBroken = false
  private var headLeft = headLimit
  private var headEnd: Int64 = 0
  private var position: Int64 = 0
  private var leftOut: Int64 = 0
  private var endsLine = true

  /// Begins a new log. The previous one is kept as `.1`; the logs of removed releases are removed.
  ///
  /// - Parameters:
  ///   - releases: the directory of the releases.
  ///   - warn: gets the reason why the log can't be kept.
  init(
    _ call: HookCall, in logs: borrowing HookLogs, _ actor: Actor,
    releases: borrowing Descriptor, warn: @escaping @Sendable (String) -> Void
  ) {
    self.call = call
    self.actor = actor
    reportTrouble = warn
    let name = HookLogName(id: call.id, hook: call.name)
    var problem: String?
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
        problem = error.description
      }
      if problem == nil {
        HookLogName.sweep(directory, but: name.text) { Self.mayExist($0, in: releases) }
      }
    case .none:
      file = nil
      path = nil
      problem = logs.problem
    }
    if let problem { warnOfLoss(problem) }
    add(Array("# \(now) \(call.name.rawValue) of release \(call.id)".utf8))
    add(Array(" by \(printable(actor.user.utf8)): \(call.hook.run.text)\n".utf8))
    headEnd = position
  }

  /// Whether a release has a directory, as far as this process can tell.
  private static func mayExist(_ id: ReleaseID, in releases: borrowing Descriptor) -> Bool {
    do throws(SystemError) {
      return try releases.statusIfPresent(of: id.text) != nil
    } catch {
      return true
    }
  }

  func write(_ bytes: [UInt8]) {
    let head = bytes.prefix(headLeft)
    headLeft -= head.count
    add(Array(head))
    if !head.isEmpty { headEnd = position }
    guard head.count < bytes.count else { return }
    add(Array(bytes[head.count...]))
    if position - headEnd > Self.tailLimit { shorten() }
  }

  /// Adds how it ended.
  func end(_ report: HookReport) {
    add(Array("\(endsLine ? "" : "\n")# \(now) \(call.name.rawValue) \(report.outcome)\n".utf8))
  }

  private var now: String { actor.now().rfc3339 }

  /// Leaves out the older half of what follows the beginning.
  private func shorten() {
    attempt { file throws(SystemError) in
      var kept = try file.read(
        count: Int(Self.tailLimit / 2), at: position - Self.tailLimit / 2)[...]
      // Half a line says less than none.
      if let newline = kept.prefix(4096).firstIndex(of: UInt8(ascii: "\n")) {
        kept = kept[(newline + 1)...]
      }
      leftOut += position - headEnd - Int64(kept.count) - (leftOut > 0 ? Int64(mark.count) : 0)
      try file.truncate(to: headEnd)
      position = headEnd
      try file.write(mark + kept, at: position)
      position += Int64(mark.count + kept.count)
    }
  }

  private var mark: [UInt8] { Array("\n# \(leftOut) bytes are left out here\n".utf8) }

  private func add(_ bytes: [UInt8]) {
    guard let last = bytes.last else { return }
    attempt { file throws(SystemError) in
      try file.write(bytes, at: position)
      position += Int64(bytes.count)
      endsLine = last == UInt8(ascii: "\n")
    }
  }

  private func attempt(_ body: (borrowing Descriptor) throws(SystemError) -> Void) {
    guard !isBroken else { return }
    switch file {
    case .none: return
    case .some(let file):
      do throws(SystemError) {
        try body(file)
      } catch {
        isBroken = true
        warnOfLoss(error.description)
      }
    }
  }

  private func warnOfLoss(_ why: String) {
    reportTrouble("the log of the \(call.name.rawValue) hook is not kept: \(why)")
  }
}
