package import Linux

/// The open directories of a store, in which configured commands run.
package struct ReleaseDirectories: ~Copyable {
  /// The path of the store.
  package let path: String
  /// The directory of the store.
  package let store: Descriptor
  /// The directory `releases/` of the store.
  package let releases: Descriptor

  package init(path: String, store: consuming Descriptor, releases: consuming Descriptor) {
    self.path = path
    self.store = store
    self.releases = releases
  }
}
