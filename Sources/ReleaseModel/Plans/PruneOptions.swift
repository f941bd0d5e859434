/// The options of a prune, which override the configuration.
package struct PruneOptions: Sendable {
  /// How many of the newest releases to retain; nil for the configured `count`.
  package var count: Int?
  /// How long to retain the others, in seconds; nil for the configured `age`. An age that was given
  /// as an option applies even if the clock is in doubt.
  package var age: Int64?
  /// How much must be free afterwards, in bytes; nil for the configured `min-free`.
  package var neededBytes: Int64?

  package init(count: Int? = nil, age: Int64? = nil, neededBytes: Int64? = nil) {
    self.count = count
    self.age = age
    self.neededBytes = neededBytes
  }
}
