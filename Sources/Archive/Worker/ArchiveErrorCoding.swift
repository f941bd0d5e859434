internal import Linux

/// Encodes errors of the worker. When they are decoded, all texts are escaped for a terminal, since
/// the worker is not trusted.
extension ArchiveError {
  private enum Tag {
    static let rejected: Int64 = 1
    static let truncated: Int64 = 2
    static let unreadable: Int64 = 3
    static let system: Int64 = 4
    static let unsupported: Int64 = 5
  }

  func encode(to wire: inout WireWriter) {
    wire.put(member ?? "")
    wire.put(target ?? "")
    switch code {
    case .rejected(let rule):
      wire.put(Tag.rejected)
      wire.put(rule.rawValue)
    case .truncated: wire.put(Tag.truncated)
    case .unreadable(let what):
      wire.put(Tag.unreadable)
      wire.put(what)
    case .unsupported(let input):
      wire.put(Tag.unsupported)
      wire.put(input.rawValue)
    case .system(let error):
      wire.put(Tag.system)
      wire.put(error.call)
      wire.put(error.path ?? "")
      wire.put(error.errno.rawValue)
    // The worker never has these errors.
    case .digestMismatch, .sizeMismatch, .workerEnded, .sandboxIncomplete, .senderPaused,
      .senderTooSlow, .stopped:
      wire.put(Tag.unreadable)
      wire.put(message())
    }
  }

  /// Decodes an error. Returns nil for anything that ``encode(to:)`` does not write.
  init?(decoding wire: inout WireReader) {
    let member = displayed(wire.text().utf8)
    let target = displayed(wire.text().utf8)
    let code: Code
    switch wire.number() {
    case Tag.rejected:
      guard let rule = Rule(rawValue: wire.text()) else { return nil }
      code = .rejected(rule)
    case Tag.truncated: code = .truncated
    case Tag.unreadable: code = .unreadable(displayed(wire.text().utf8))
    case Tag.unsupported:
      guard let input = UnsupportedInput(rawValue: wire.text()) else { return nil }
      code = .unsupported(input)
    case Tag.system:
      let call = displayed(wire.text().utf8)
      let path = displayed(wire.text().utf8)
      code = .system(
        SystemError(
          call: call, path: path.isEmpty ? nil : path,
          errno: Errno(rawValue: wire.number(as: Int32.self))))
    default: return nil
    }
    self.init(
      code, member: member.isEmpty ? nil : member, target: target.isEmpty ? nil : target)
  }
}
