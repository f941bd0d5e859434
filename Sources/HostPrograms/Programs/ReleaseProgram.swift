internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// A configured command that runs in the directory of a release.
struct ReleaseProgram: ~Copyable {
  private let command: Configuration.Command
  private let directory: Descriptor
  private let environment: ProgramEnvironment

  /// - Parameters:
  ///   - command: the command, as configured.
  ///   - id: the release that the command runs for.
  ///   - workingRelease: the release in whose directory it runs; nil for the directory of the store.
  ///   - place: the place that the command runs for instead of the release; nil for the release.
  ///   - directories: the directories of the store.
  ///   - previous: the release for `RELEASES_PREVIOUS`; nil when there is none.
  ///   - event: the value of `RELEASES_EVENT`.
  ///   - ref: the ref of the release; nil when it has none.
  ///   - caller: the caller's environment variables.
  /// - Throws: `permission` when this process is not the owner of the store, `unsafeOwner` when other
  ///   users can change what would run, another error when the directory can't be opened.
  init(
    _ command: Configuration.Command, of id: ReleaseID, at workingRelease: ReleaseID?,
    place: ForeignPlace? = nil, in directories: StoreDirectories, previous: ReleaseID?,
    event: String,
    ref: String?, caller: [String: String]
  ) throws(ReleasesError) {
    let path = "\(directories.path)/\(Layout.releases)/\(id)"
    let tree = place?.path ?? path
    let ownership = try Ownership(of: directories.root, path: directories.path)
    try Self.refuseUnlessOwner(ownership)
    let opened: Descriptor
    do throws(SystemError) {
      opened =
        if let place {
          try place.openWorkingDirectory(directories)
        } else if let workingRelease {
          try directories.releases.openDirectory(workingRelease.text)
        } else {
          try directories.root.openDirectory(".")
        }
    } catch {
      throw ReleasesError("can't open the directory of release \(id)", error)
    }
    let fallback = workingRelease == nil ? directories.path : path
    let programs = ProgramOwnership(
      store: directories.path, directory: opened.path ?? fallback, tree: tree,
      live: (try? Descriptor.openDirectory("\(directories.path)/\(Layout.current)"))?.path,
      ownership: ownership)
    try Self.refuseIfOthersMayChange(opened, command, programs)
    self.command = command
    directory = opened
    environment = ProgramEnvironment(
      of: place?.name ?? id.text, tree: tree, store: directories.path,
      previous: previous, event: event, ref: ref, caller: caller)
  }

  /// Refuses to run a command of the owner as any other user: otherwise the author of the
  /// configuration could run commands as a user who reads the store.
  ///
  /// - Throws: `permission` for any other user.
  private static func refuseUnlessOwner(_ ownership: Ownership) throws(ReleasesError) {
    if ownership.isOfThisUser { return }
    throw ReleasesError(
      .permission, "only \(userName(ownership.owner)), the owner of the store, may run its commands"
    )
  }

  /// Refuses a command that runs in, or from, something that other users can change. The plan of an
  /// operation has refused it before, but this is looked at when it runs.
  ///
  /// - Throws: `unsafeOwner` for such a command.
  private static func refuseIfOthersMayChange(
    _ directory: borrowing Descriptor, _ command: Configuration.Command,
    _ programs: ProgramOwnership
  ) throws(ReleasesError) {
    let status = try withErrorMessage("can't read the status of \(path: programs.directory)") {
      () throws(SystemError) in try directory.status()
    }
    try programs.ownership.refuse(status, at: programs.directory, .release)
    if let problem = programs.problem(in: command, nil) { throw problem }
  }

  /// Starts the command in a session of its own.
  ///
  /// - Returns: the running process.
  /// - Throws: the reason why it can't be started. The error has no cause.
  func start() throws(ReleasesError) -> SupervisedProcess {
    let arguments: [String]
    let path: String
    switch command {
    case .shell(let line):
      path = "/bin/sh"
      arguments = ["sh", "-c", line]
    case .arguments(let configured):
      arguments = configured
      path = try find(configured.first ?? "")
    }
    do throws(SystemError) {
      return try SupervisedProcess(
        path, arguments, environment: environment.variables, directory: directory)
    } catch {
      throw ReleasesError(.failed, explain(error, path))
    }
  }

  private func find(_ name: String) throws(ReleasesError) -> String {
    if name.utf8.contains(UInt8(ascii: "/")) { return name }
    let directories = ProgramEnvironment.searchPath
    if let path = HostProgram.find(name, in: directories) { return path }
    throw ReleasesError(
      .failed, "no program '\(excerpt(name))' in \(directories.joined(separator: ", "))")
  }

  private func explain(_ error: SystemError, _ path: String) -> Message {
    let exists = (try? directory.targetStatus(of: path)) != nil
    let shown = excerpt(path)
    switch error.errno {
    case .noEntry where exists: return "the interpreter in the first line of \(shown) is missing"
    case .noEntry: return "\(shown) does not exist"
    case .accessDenied where exists:
      let file = path.isAbsolutePath ? try? Descriptor.open(path, .path) : nil
      let facts = file == nil ? try? directory.fileSystem() : try? file?.fileSystem()
      return "\(shown) is not executable\(facts?.whyNotExecutable ?? "")"
    case .notAProgram: return "\(shown) is not a program, and does not start with #!"
    default: return Message(error)
    }
  }
}

extension FileSystemFacts {
  /// Why no program can run here, as the end of a message; nil when that is not the reason.
  var whyNotExecutable: String? { isNoExec ? ": its file system is mounted noexec" : nil }
}
