internal import Archive
internal import Linux
internal import Text

/// A directory of the tree, open.
final class OpenDirectory: Sendable {
  let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// The directory that was looked in last: most often the next name is there too. Those above it are
/// not kept open: there may be many of them, and many threads.
struct OpenPlace {
  private let top: OpenDirectory
  private var path = ""
  /// Nil where there is no directory of that path.
  private var directory: OpenDirectory?

  init(top: OpenDirectory) {
    self.top = top
    directory = top
  }

  /// Goes to a directory, never through a link; nil where there is none.
  mutating func directory(_ path: String) throws(SystemError) -> OpenDirectory? {
    if path.isSameName(as: self.path) { return directory }
    (self.path, directory) = (path, nil)
    var next = top
    do throws(SystemError) {
      for name in path.nameComponents {
        next = OpenDirectory(try next.descriptor.openDirectory(name))
      }
    } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
      return nil
    }
    directory = next
    return next
  }
}
