package import Linux

/// The progress of unpacking an archive.
package struct UnpackProgress: Hashable, Sendable {
  /// The number of bytes of the archive that have been read.
  package var read: Int64 = 0
  /// The number of files, directories and links that are complete.
  package var entries = 0
  /// The number of bytes of content that have been written.
  package var written: Int64 = 0
}

/// The result of unpacking an archive.
package struct UnpackResult: Sendable {
  /// The tree in the stage.
  package let tree: UnpackedTree
  /// The SHA-256 digest of the archive.
  package let digest: Digest
  /// The size of the archive in bytes.
  package let size: Int64
  /// The sandbox layers of the worker, and those that were missing.
  package let sandbox: Sandbox.State
}

/// Frees space on the file system while an archive is unpacked.
package struct SpaceWatch {
  /// Returns true when space must be freed. It is called ten times a second.
  package let isShort: () -> Bool
  /// Frees space while the worker is stopped. When it returns false, unpacking ends with the error
  /// ``ArchiveError/Code/stopped``.
  package let freeSpace: () -> Bool

  package init(isShort: @escaping () -> Bool, freeSpace: @escaping () -> Bool) {
    self.isShort = isShort
    self.freeSpace = freeSpace
  }
}
