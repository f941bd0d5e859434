internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The files in `.releases/sessions`: one for each session that a key may have at the same time. Only
/// the lock of a file says that its session is running, so nothing is left to clean up.
package struct SessionFiles: Sendable {
  let store: Store
}

/// A place among the sessions of a key. The kernel releases it when this object or the process ends.
package final class SessionPlace: Sendable {
  private let lock: Descriptor

  fileprivate init(_ lock: consuming Descriptor) { self.lock = lock }
}

extension Store {
  /// The sessions of keys.
  package var sessions: SessionFiles { SessionFiles(store: self) }
}

extension SessionFiles {
  /// Takes a place among the sessions of a key.
  ///
  /// - Parameters:
  ///   - key: the name of the key, without slashes.
  ///   - maximum: how many sessions it may have at the same time, 1 or more.
  /// - Returns: nil when this user can't make files in the store, and so can't fill it.
  /// - Throws: `locked` when all places are taken.
  package func takePlace(
    of key: String, among maximum: Int
  ) throws(ReleasesError) -> SessionPlace? {
    guard let directory = openDirectory() else { return nil }
    for number in 0..<maximum {
      guard
        let file = try? directory.openStoreFile(
          "\(key).\(number)", .session, [.readWrite, .create], mode: 0o600)
      else { return nil }
      if (try? file.tryLock()) == true { return SessionPlace(file) }
    }
    let sessions = maximum == 1 ? "1 session" : "\(maximum) sessions"
    throw ReleasesError(
      .locked, "the key \(key) already has \(sessions), its maximum",
      hint: "wait until a session ends, or raise --max-sessions of the key in authorized_keys")
  }

  /// Opens the directory, and makes it if it is missing; nil when this user can't.
  private func openDirectory() -> Descriptor? {
    _ = try? store.control.makeDirectoryIfMissing(Layout.sessions, mode: 0o700)
    return try? store.controlDirectory(Layout.sessions)
  }
}
