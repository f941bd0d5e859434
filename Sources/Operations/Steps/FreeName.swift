internal import Linux
internal import ReleaseModel

/// Finds names that a command of a hint can use, since nothing has them.
struct FreeName {
  /// The path of the store.
  let path: String

  /// How many numbers are tried.
  private static let limit = 1000

  /// Returns a free name for a release: no directory and no catalog entry has it.
  ///
  /// - Parameter base: the name to begin with; a number is added to it if necessary.
  /// - Returns: the name.
  func release(_ base: String) -> String {
    first(base, separator: "-") { name in
      isFree(name, in: "\(path)/\(Layout.releases)")
        && (ReleaseID(name).map {
          isFree(Layout.catalogFile($0), in: "\(path)/\(Layout.control)/\(Layout.catalog)")
        } ?? true)
    }
  }

  /// Returns a free name in the directory of the store.
  ///
  /// - Parameter base: the name to begin with; a number is added to it if necessary.
  /// - Returns: the name.
  func file(_ base: String) -> String {
    first(base, separator: ".") { isFree($0, in: path) }
  }

  private func first(
    _ base: String, separator: String, _ isFree: (String) -> Bool
  ) -> String {
    if isFree(base) { return base }
    let numbered = (2...Self.limit).lazy.map { "\(base)\(separator)\($0)" }
    return numbered.first(where: isFree) ?? base
  }

  private func isFree(_ name: String, in directory: String) -> Bool {
    guard let directory = try? Descriptor.openDirectory(directory) else { return true }
    do throws(SystemError) {
      return try directory.statusIfPresent(of: name) == nil
    } catch {
      return false
    }
  }
}
