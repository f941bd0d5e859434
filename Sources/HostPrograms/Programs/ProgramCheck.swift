package import Configuration
package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// Checks the hooks and the health command of a configuration before they are needed.
package struct ProgramCheck: Sendable {
  /// The full path of the store.
  private let store: String
  /// The owner of the store.
  private let owner: UserID
  private var ownership: Ownership { Ownership(owner: owner) }

  /// The full path of the configuration, for messages.
  private var configurationPath: String { "\(store)/\(Layout.configuration)" }

  /// - Parameters:
  ///   - store: the full path of the store.
  ///   - owner: the owner of the store.
  package init(store: String, owner: UserID) {
    self.store = store
    self.owner = owner
  }

  /// Returns one error for each program of a release that can't or must not run: one whose path is
  /// relative, or begins with that of the link `current`. They are looked up in the tree of the
  /// release, where they will run once it is live.
  ///
  /// The codes are those of ``problems(in:)``.
  package func problems(in configuration: Configuration, of id: ReleaseID) -> [ReleasesError] {
    let tree = "\(store)/\(Layout.releases)/\(id)"
    let programs = ProgramOwnership(
      store: store, directory: tree, tree: tree, live: tree, ownership: ownership)
    return configuration.commands.compactMap { key, command in
      if let problem = programs.problem(in: command, key) { return problem }
      if let path = command.relativeProgram {
        return problem(ofProgram: path, in: tree, of: id, key)
      }
      return command.absoluteProgram.flatMap { pathBelowCurrent($0) }.flatMap {
        problem(ofProgram: "\(tree)/\($0)", key)
      }
    }
  }

  /// Returns the part of a path below the link `current`; nil for any other path.
  private func pathBelowCurrent(_ path: String) -> String? {
    let prefix = "\(store)/\(Layout.current)/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
  }

  private func problem(
    ofProgram name: String, in tree: String, of id: ReleaseID, _ key: String
  ) -> ReleasesError? {
    let path = "\(tree)/\(name)"
    let missing = "\(key): \(excerpt(name))"
    do throws(SystemError) {
      let program = try Descriptor.open(path, .path)
      let status = try program.status()
      guard status.kind == .file else {
        return ReleasesError(
          .configuration, "\(missing) is a \(status.kind.noun) in release \(id), not a program",
          hint: otherRelease(key))
      }
      if HostProgram.mayExecute(path) { return nil }
      let reason = (try? program.fileSystem())?.whyNotExecutable ?? " in release \(id)"
      return ReleasesError(
        .configuration, "\(missing) is not executable\(reason)", hint: otherRelease(key))
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      return ReleasesError(
        .configuration, "\(missing) does not exist in release \(id)",
        hint: otherRelease(key))
    } catch {
      return ReleasesError("\(key): can't read the status of \(path: path)", error)
    }
  }

  private func otherRelease(_ key: String) -> Hint {
    Hint(
      "correct \(key) in \(path: configurationPath), or use another release; list them",
      command: ["list"])
  }

  /// Returns one error for each program of the host that can't or must not run. Only programs with an
  /// absolute path are checked, and whether those without a path exist. Programs of a release are
  /// not; see ``problems(in:of:)``.
  ///
  /// The codes are `configuration` for a program that is missing or not executable, and
  /// `unsafeOwner` for one that users other than root and the store's owner can change.
  package func problems(in configuration: Configuration) -> [ReleasesError] {
    configuration.commands.compactMap { key, command in
      command.absoluteProgram.flatMap {
        pathBelowCurrent($0) == nil ? problem(ofProgram: $0, key) : nil
      }
        ?? command.searchedProgram.flatMap { problem(ofSearched: $0, key) }
    }
  }

  private func problem(ofSearched name: String, _ key: String) -> ReleasesError? {
    let directories = ProgramEnvironment.searchPath
    if HostProgram.find(name, in: directories) != nil { return nil }
    return ReleasesError(
      .configuration,
      "\(key): no program '\(excerpt(name))' in \(directories.joined(separator: ", "))",
      hint: hint(forMissing: name, key))
  }

  private func hint(forMissing name: String, _ key: String) -> Hint {
    if let path = HostProgram.find(name, in: otherDirectories(for: name)) {
      return "change \(key) in \(path: configurationPath) to its absolute path: \(path: path)"
    }
    // Many short names of programs are similar, and have nothing to do with each other.
    let names = name.utf8.count < 5 ? [] : HostProgram.names(in: ProgramEnvironment.searchPath)
    return nearestName(to: name, among: names).map {
      "did you mean '\($0)'? correct \(key) in \(path: configurationPath)"
    } ?? "install the program, or change \(key) in \(path: configurationPath) to its absolute path"
  }

  /// Returns directories in which hooks do not search, and into which users and installers put programs.
  private func otherDirectories(for name: String) -> [String] {
    let home = Account.of(owner)?.home ?? ""
    let own = [".local/bin", ".cargo/bin", "bin"].map { "\(home)/\($0)" }
    return (home.isAbsolutePath ? own : []) + ["/snap/bin", "/opt/\(name)/bin", "/opt/\(name)"]
  }

  private func problem(ofProgram path: String, _ key: String) -> ReleasesError? {
    do throws(ReleasesError) {
      let doing: Message = "\(key): can't read the status of \(path: path)"
      let program = try open(path, doing, key)
      let status = try withErrorMessage(doing) { () throws(SystemError) in try program.status() }
      guard status.kind == .file else {
        throw ReleasesError(
          .configuration, "\(key): \(path: path) is a \(status.kind.noun), not a program")
      }
      guard HostProgram.mayExecute(path) else {
        throw ReleasesError(
          .configuration, "\(key): \(path: path) is not executable",
          hint: Hint("make it executable", shell: "chmod +x \(path)"))
      }
      // Both the configured path and the path that it resolves to must be safe.
      for path in Set([path, program.path ?? path]).sorted() {
        try refuseIfOthersMayChange(path, key)
      }
      return nil
    } catch {
      return error
    }
  }

  private func open(
    _ path: String, _ doing: Message, _ key: String
  ) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.open(path, .path)
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      throw ReleasesError(
        .configuration, "\(key): \(path: path) does not exist",
        hint: "install the program, or change \(key) in \(path: configurationPath)")
    } catch {
      throw ReleasesError(doing, error)
    }
  }

  /// Refuses a program when other users can write to it or to a directory above it. The groups that
  /// root or the owner have given access to are their own decision.
  ///
  /// - Throws: `unsafeOwner` for such a program, another error when a status can't be read.
  private func refuseIfOthersMayChange(_ path: String, _ key: String) throws(ReleasesError) {
    for (index, place) in pathAndParents(path).enumerated() {
      let status = try withErrorMessage("\(key): can't read the status of \(path: place)") {
        () throws(SystemError) -> FileStatus in try Linux.status(ofPath: place)
      }
      let role: Ownership.Role = index > 0 ? .hostDirectory : .hostFile
      guard let problem = ownership.problem(of: status, at: place, role) else { continue }
      let isForeign = status.owner != 0 && status.owner != owner
      throw ReleasesError(
        .unsafeOwner, "\(key): \(problem.message)",
        hint: isForeign
          ? Hint(
            "use a program in another directory, or give this one to the store's owner",
            shell: "chown \(owner) \(place.shellWord)")
          : problem.hint)
    }
  }
}

/// Returns a path and the directories above it, up to the root.
private func pathAndParents(_ path: String) -> [String] {
  var places: [String] = []
  var components = path.split(separator: "/")
  while !components.isEmpty {
    places.append("/" + components.joined(separator: "/"))
    components.removeLast()
  }
  return places + ["/"]
}
