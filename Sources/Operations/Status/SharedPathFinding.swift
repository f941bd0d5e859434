internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension SharedPathFacts {
  /// Finds the shared paths that a release can't use.
  ///
  /// - Parameters:
  ///   - shared: the shared paths of the configuration.
  ///   - store: the store.
  ///   - hasReleases: whether the store has releases. The first release creates the directories.
  /// - Returns: the paths that are missing, dangling, or of the wrong kind.
  static func broken(
    _ shared: Configuration.Shared, in store: Store, hasReleases: Bool
  ) -> [SharedPathFacts] {
    let directories = shared.directories.compactMap { path -> SharedPathFacts? in
      let problem = problem(of: path, .directory, in: store)
      if problem == .missing, !hasReleases { return nil }
      return problem.map { SharedPathFacts(path: path, isDirectory: true, problem: $0) }
    }
    return directories
      + shared.files.compactMap { path in
        problem(of: path, .file, in: store)
          .map { SharedPathFacts(path: path, isDirectory: false, problem: $0) }
      }
  }

  /// Returns what is wrong with a shared path; nil when nothing is, or it can't be found out.
  private static func problem(
    of path: String, _ kind: FileKind, in store: Store
  ) -> Problem? {
    let name = "\(Layout.shared)/\(path)"
    do throws(SystemError) {
      // A shared path may be a link to another disk, as long as that exists.
      let found = try store.root.targetStatus(of: name).kind
      return found == kind ? nil : .wrongKind(found.noun)
    } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
      let isLink = (try? store.root.status(of: name))?.kind == .symbolicLink
      return isLink ? .dangling : .missing
    } catch {
      return nil
    }
  }
}
