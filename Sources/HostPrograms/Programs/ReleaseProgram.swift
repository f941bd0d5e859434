internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// A configured command that runs in the tree of a release.
struct ReleaseProgram: ~Copyable {
  private let command: Configuration.Command
  private let directory: Descriptor
  private let environment: ProgramEnvironment

  /// - Parameters:
  ///   - place: the release in whose tree it runs; nil for the store itself.
  ///   - caller: the caller's environment variables.
  /// - Throws: an error when the directory can't be opened.
  init(
    _ command: Configuration.Command, of id: ReleaseID, at place: ReleaseID?,
    in directories: borrowing ReleaseDirectories, previous: ReleaseID?, event: String,
    ref: String?, caller: [String: String]
  ) throws(ReleasesError) {
    self.command = command
    do throws(SystemError) {
      directory =
        if let place { try directories.releases.openDirectory(place.text) } else {
          try directories.store.openDirectory(".")
        }
    } catch {
      throw ReleasesError("can't enter the directory of release \(id)", error)
    }
    environment = ProgramEnvironment(
      of: id, tree: "\(directories.path)/\(Layout.releases)/\(id)", store: directories.path,
      previous: previous, event: event, ref: ref, caller: caller)
  }

  /// Starts it in a process group of its own.
  ///
  /// Throws what keeps it from being started, in words that need no cause.
  func start() throws(ReleasesError) -> SupervisedProcess {
    let words: [String]
    let path: String
    switch command {
    case .shell(let line):
      path = "/bin/sh"
      words = ["sh", "-c", line]
    case .arguments(let arguments):
      words = arguments
      path = try find(arguments.first ?? "")
    }
    do throws(SystemError) {
      return try SupervisedProcess(
        path, words, environment: environment.variables, directory: directory)
    } catch {
      throw ReleasesError(.failed, explain(error, path))
    }
  }

  private func find(_ name: String) throws(ReleasesError) -> String {
    if name.utf8.contains(UInt8(ascii: "/")) { return name }
    let places = ProgramEnvironment.searchPath
    if let path = HostProgram.find(name, in: places) { return path }
    throw ReleasesError(
      .failed, "there is no program '\(excerpt(name))' in \(places.joined(separator: ", "))")
  }

  private func explain(_ error: SystemError, _ path: String) -> String {
    let isThere = (try? directory.targetStatus(of: path)) != nil
    let shown = excerpt(path)
    switch error.errno {
    case .noEntry where isThere: return "what the first line of \(shown) names is not there"
    case .noEntry: return "there is no \(shown)"
    case .accessDenied where isThere:
      let place = path.isAbsolutePath ? try? Descriptor.open(path, .path) : nil
      let facts = place == nil ? try? directory.fileSystem() : try? place?.fileSystem()
      let why = facts?.isNoExec == true ? ": its file system is mounted noexec" : ""
      return "\(shown) may not be executed\(why)"
    case .notAProgram: return "\(shown) is no program, and does not begin with #!"
    default: return error.description
    }
  }
}
