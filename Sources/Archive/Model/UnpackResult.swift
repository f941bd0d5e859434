package import Linux

/// How far an unpacking has come.
package struct UnpackProgress: Hashable, Sendable {
  /// Of the archive, in bytes.
  package var read: Int64 = 0
  /// Files, directories and links that are done.
  package var entries = 0
  /// Content written, in bytes.
  package var written: Int64 = 0
}

/// What came out of an archive, and what it was.
package struct UnpackResult: Sendable {
  package let tree: UnpackedTree
  /// SHA-256 of the archive, from where it stood to its end.
  package let digest: Digest
  /// Of the archive, in bytes.
  package let size: Int64
  /// The sandbox layers that held around the worker, and those that were missing.
  package let sandbox: Sandbox.State
}

/// Who looks after the room on the file system while an archive is unpacked.
package struct SpaceWatch {
  /// Asked some ten times a second; true when something has to be done.
  package let isShort: () -> Bool
  /// Does it, while the worker stands still; false ends the unpacking with `stopped`.
  package let freeSpace: () -> Bool

  package init(isShort: @escaping () -> Bool, freeSpace: @escaping () -> Bool) {
    self.isShort = isShort
    self.freeSpace = freeSpace
  }
}
