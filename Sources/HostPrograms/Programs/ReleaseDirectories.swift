package import Linux

/// The directories in which configured commands run.
package struct ReleaseDirectories: ~Copyable {
  /// The path of the store.
  package let path: String
  /// The store.
  package let store: Descriptor
  /// The directory of its releases.
  package let releases: Descriptor

  package init(path: String, store: consuming Descriptor, releases: consuming Descriptor) {
    self.path = path
    self.store = store
    self.releases = releases
  }
}
