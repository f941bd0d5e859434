package import Linux

/// The open directories of a store in which configured commands run. A store and its programs share
/// them, because a process may have few descriptors.
package final class StoreDirectories: Sendable {
  /// The path of the store.
  package let path: String
  /// The directory of the store.
  package let root: Descriptor
  /// The directory `releases/` of the store.
  package let releases: Descriptor

  package init(path: String, root: consuming Descriptor, releases: consuming Descriptor) {
    self.path = path
    self.root = root
    self.releases = releases
  }
}
