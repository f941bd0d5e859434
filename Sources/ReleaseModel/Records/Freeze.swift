package import FoundationEssentials

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
}
