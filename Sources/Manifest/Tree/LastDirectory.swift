internal import Linux
internal import Text

/// An open directory of the tree.
final class OpenDirectory: Sendable {
  let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// Keeps the directory open that was used last, since the next name is most often in it too. Its
/// parents are not kept open, because many threads may walk deep trees.
struct LastDirectory {
  private let top: OpenDirectory
  private var path = ""
  /// The directory at `path`; nil when there is none.
  private var directory: OpenDirectory?

  init(top: OpenDirectory) {
    self.top = top
    directory = top
  }

  /// Opens a directory beneath the top, without following links; nil when there is none.
  ///
  /// - Throws: `SystemError` when the directory exists but can't be opened.
  mutating func directory(_ path: String) throws(SystemError) -> OpenDirectory? {
    if path.isSameName(as: self.path) { return directory }
    (self.path, directory) = (path, nil)
    var next = top
    do throws(SystemError) {
      for name in path.nameComponents {
        next = OpenDirectory(try next.descriptor.openDirectory(name))
      }
    } catch let error where error.leadsToNothing {
      return nil
    }
    directory = next
    return next
  }
}
