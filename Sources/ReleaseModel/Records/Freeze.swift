package import FoundationEssentials
package import Text

/// A freeze forbids switches: the content of `freeze.json`.
package struct Freeze: Codable, Equatable, Sendable {
  package let reason: String
  package let since: Date
  package let user: String

  package init(reason: String, since: Date, user: String) {
    self.reason = reason
    self.since = since
    self.user = user
  }

  /// Who froze the store, when and why, as a sentence.
  package var sentence: Message {
    "the store was frozen by \(verbatim: user) at \(since.rfc3339): \(verbatim: reason)"
  }
}
