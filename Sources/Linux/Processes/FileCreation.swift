internal import Glibc

/// The file mode creation mask of this process; see umask(2).
package enum FileCreation {
  /// Sets the permission bits that new files never get.
  package static func setMask(_ mask: FileMode) { umask(mask) }

  /// Clears the mask, so that new files get exactly the permissions that open(2) is given.
  package static func clearMask() { setMask(0) }
}
