package import Configuration
internal import Linux
package import ReleaseModel

/// A configured hook at its turn.
package struct HookCall: Sendable {
  /// As the configuration has them.
  package enum Name: String, CaseIterable, Sendable { case prepare, activate, succeeded, failed }

  package var name: Name
  package var hook: Configuration.Hook
  /// The release it is run for.
  package var id: ReleaseID
  /// The release in whose tree it runs; nil for the store itself.
  package var place: ReleaseID?
  /// What was live before, or is, for the hook to know; nil when there is nothing.
  package var previous: ReleaseID?
  /// Where the release comes from, as it was given; nil when it was not.
  package var ref: String?
  /// What it is told in RELEASES_EVENT: prepare, activate, rollback, restore, succeeded or failed.
  package var event: String

  package init(
    _ name: Name, _ hook: Configuration.Hook, id: ReleaseID, previous: ReleaseID?, ref: String?,
    event: String
  ) {
    self.name = name
    self.hook = hook
    self.id = id
    place = id
    self.previous = previous
    self.ref = ref
    self.event = event
  }
}
