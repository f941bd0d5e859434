package import FoundationEssentials
internal import Text

/// The name of one run of `deploy`, `activate` or `rollback`, which the caller chooses to ask for its
/// outcome later.
///
/// A token consists of a letter or digit, then up to 63 letters, digits, dots, underscores and
/// hyphens, so that it can be the name of a file.
package struct AttemptToken: Hashable, Sendable, Codable, CustomStringConvertible {
  package let text: String

  /// Makes a token; nil for a text that can't be one.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), bytes[0].isASCIIAlphanumeric,
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || "._-".utf8.contains($0) })
    else { return nil }
    self.text = text
  }

  /// Decodes a token from a string.
  ///
  /// - Throws: `DecodingError` for anything that is not a token.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let token = AttemptToken(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a token")
    }
    self = token
  }

  /// Encodes the token as a string.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }
}

/// The record of one run of `deploy`, `activate` or `rollback`: who began it, and how it ended.
package struct Attempt: Codable, Equatable, Sendable {
  package var format = Layout.format
  package let token: AttemptToken
  /// The ref that the archive was built from; nil when none was given.
  package let ref: String?
  /// The command; nil for `deploy`.
  package let command: String?
  package let user: String
  package let started: Date
  /// When it began, in microseconds since 1970, to find the newest attempt.
  package let order: Int64
  /// The process that makes the attempt, as in ``JournalEntry``.
  package let bootID: String
  package let pid: Int32
  package let processStart: UInt64
  /// When it ended; nil while it runs, and when its process was killed.
  package var ended: Date?
  /// The exit status of the command, 128 + n for the signal n.
  package var exitStatus: Int32?
  /// The JSON document that the command printed or would have printed; nil when a signal ended it.
  package var report: JSONValue?

  /// Makes the record of an attempt that begins now.
  ///
  /// - Parameters:
  ///   - token: its name.
  ///   - command: the command, such as `deploy`.
  ///   - ref: the ref that the archive was built from; nil for none.
  ///   - actor: who makes it.
  package init(
    _ token: AttemptToken, command: String = Self.deploy, ref: String?, _ actor: Actor
  ) {
    let now = actor.now()
    self.command = command == Self.deploy ? nil : command
    self.token = token
    self.ref = ref
    user = JournalText.truncated(Message(actor.user), to: JournalText.user)
    started = now
    order = Int64(now.timeIntervalSince1970 * 1e6)
    bootID = actor.bootID
    pid = actor.pid
    processStart = actor.processStart
  }

  /// The command of most attempts.
  package static let deploy = "deploy"

  /// The exit statuses that a process can have.
  package static let exitStatuses: ClosedRange<Int32> = 0...255

  /// The command that made the attempt.
  package var commandName: String { command ?? Self.deploy }

  /// What the attempt is called in messages.
  package var noun: String {
    switch commandName {
    case Self.deploy: "deployment"
    case "activate": "activation"
    default: commandName
    }
  }

  /// The signal that ended the command; nil when none did, or it is unknown.
  package var signal: Int32? { exitStatus.flatMap { $0 > 128 ? $0 - 128 : nil } }

  /// Whether a journal entry was begun by the process of this attempt.
  package func began(_ entry: JournalEntry) -> Bool {
    entry.pid == pid && entry.processStart == processStart && entry.bootID == bootID
  }
}

extension [Attempt] {
  /// Returns the attempt with a token, or else the newest attempt with a ref; nil when there is none.
  package func named(_ name: String) -> Attempt? {
    if let attempt = first(where: { $0.token.text == name }) { return attempt }
    return newest(ofRef: name)
  }

  /// Returns the newest attempt with a ref; nil when there is none.
  package func newest(ofRef ref: String) -> Attempt? {
    filter { $0.ref == ref }.max { $0.order < $1.order }
  }
}
