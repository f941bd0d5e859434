/// What somebody asks of a prune instead of what the configuration says.
package struct PruneOptions: Sendable {
  package var count: Int?
  /// In seconds. Given by hand, it counts whatever the clock looks like.
  package var age: Int64?
  /// What has to be free afterwards, in bytes; nil for the configured `min-free`.
  package var neededBytes: Int64?

  package init(count: Int? = nil, age: Int64? = nil, neededBytes: Int64? = nil) {
    self.count = count
    self.age = age
    self.neededBytes = neededBytes
  }
}
