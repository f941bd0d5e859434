package import Configuration
package import ReleaseModel

/// A configured hook, and the release that it runs for.
package struct HookCall: Sendable {
  /// The name of a hook, as the configuration has it.
  package enum Name: String, CaseIterable, Sendable { case prepare, activate, succeeded, failed }

  package var name: Name
  /// What the configuration says about the hook.
  package var hook: Configuration.Hook
  /// The release that the hook runs for.
  package var id: ReleaseID
  /// The release in whose directory the hook runs; nil for the directory of the store.
  package var workingRelease: ReleaseID?
  /// The place that the hook runs for instead of a release; nil for a release.
  package var place: ForeignPlace?
  /// The release for `RELEASES_PREVIOUS`: the one that was live before; for the prepare and failed
  /// hooks, the live one. Nil when there is none.
  package var previous: ReleaseID?
  /// The ref that the release was published with; nil when it has none.
  package var ref: String?
  /// The value of `RELEASES_EVENT`: prepare, activate, rollback, restore, restart, succeeded or failed.
  package var event: String

  package init(
    _ name: Name, _ hook: Configuration.Hook, id: ReleaseID, previous: ReleaseID?, ref: String?,
    event: String
  ) {
    self.name = name
    self.hook = hook
    self.id = id
    workingRelease = id
    self.previous = previous
    self.ref = ref
    self.event = event
  }
}
