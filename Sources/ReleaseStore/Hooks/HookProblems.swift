internal import Linux

extension Store {
  /// Why configured programs would not run, or must not: one error for each.
  ///
  /// Looks at hooks and the health command whose first word is an absolute path. Throws nothing:
  /// to refuse, throw the first. The codes are `configuration` for a program that is not there or
  /// can't be run, `unsafeOwner` for one that others than root and the store's owner may change.
  package func hookProblems(_ configuration: Configuration) -> [ReleasesError] {
    configuration.commands.compactMap { key, command in
      command.absoluteProgram.flatMap { problem(ofProgram: $0, key) }
    }
  }

  private func problem(ofProgram path: String, _ key: String) -> ReleasesError? {
    do throws(ReleasesError) {
      let doing = "\(key): can't look at \(path)"
      let program = try open(path, doing, key)
      let status = try attempting(doing) { () throws(SystemError) in try program.status() }
      guard status.kind == .file else {
        throw ReleasesError(
          .configuration, "\(key): \(path) is a \(status.kind.word), not a program")
      }
      guard HostProgram.mayExecute(path) else {
        throw ReleasesError(
          .configuration, "\(key): \(path) may not be executed", hint: "chmod +x \(path)")
      }
      let owner = try attempting("can't look at the store") { () throws(SystemError) in
        try root.status().owner
      }
      // What the path is made of, and what it leads to.
      for path in Set([path, program.path ?? path]).sorted() {
        try refuseIfOthersMayChange(path, owner: owner, key)
      }
      return nil
    } catch {
      return error
    }
  }

  private func open(
    _ path: String, _ doing: String, _ key: String
  ) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.open(path, .path)
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      throw ReleasesError(
        .configuration, "\(key): there is no \(path)",
        hint: "put it there, or change \(self.path(Layout.configuration))")
    } catch {
      throw ReleasesError(doing, error)
    }
  }

  /// Refuses a program when others may write to it or to a directory it lies in. Groups that root
  /// or the owner has let in are their own affair.
  private func refuseIfOthersMayChange(
    _ path: String, owner: UserID, _ key: String
  ) throws(ReleasesError) {
    for (index, place) in placesAbove(path).enumerated() {
      let status = try attempting("\(key): can't look at \(place)") {
        () throws(SystemError) -> FileStatus in try Linux.status(ofPath: place)
      }
      let isSticky = index > 0 && status.permissions & 0o1000 != 0
      if status.permissions & 0o002 != 0, !isSticky {
        throw ReleasesError(
          .unsafeOwner, "\(key): \(place) may be written by others", hint: "chmod o-w \(place)")
      }
      if status.owner != 0, status.owner != owner {
        throw ReleasesError(
          .unsafeOwner,
          "\(key): \(place) belongs to user \(status.owner), neither the store's owner nor root",
          hint: "chown \(owner) \(place), or use a program that lies elsewhere")
      }
    }
  }
}

/// A path, the directory it lies in, and so on up to the root.
private func placesAbove(_ path: String) -> [String] {
  var places: [String] = []
  var components = path.split(separator: "/")
  while !components.isEmpty {
    places.append("/" + components.joined(separator: "/"))
    components.removeLast()
  }
  return places + ["/"]
}

extension Configuration {
  /// All configured commands, with their configuration keys.
  var commands: [(key: String, command: Command)] {
    var commands: [(key: String, command: Command)] = [
      ("hooks.prepare", hooks.prepare), ("hooks.activate", hooks.activate),
      ("hooks.succeeded", hooks.succeeded), ("hooks.failed", hooks.failed),
    ].compactMap { key, hook in hook.map { (key, $0.run) } }
    if case .command(let command)? = health?.probe { commands.append(("health.command", command)) }
    return commands
  }
}

extension Configuration.Command {
  /// Whether the program's path lies in a release: it is relative to the release, or absolute and
  /// beneath the store.
  func isInRelease(of store: String) -> Bool {
    guard let program = plainProgram, program.utf8.contains(UInt8(ascii: "/")) else { return false }
    return !program.isAbsolutePath || program.hasPrefix(store + "/")
  }

  /// The program, where it is named by an absolute path and nothing that a shell would change.
  fileprivate var absoluteProgram: String? {
    plainProgram.flatMap { $0.isAbsolutePath ? $0 : nil }
  }

  /// The first word, where a shell would not change anything in it.
  private var plainProgram: String? {
    let word: String
    switch self {
    case .arguments(let words): word = words.first ?? ""
    case .shell(let line):
      word = String(Substring(line.utf8.prefix { $0 > UInt8(ascii: " ") }))
      let isPlain = word.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "/._-+@,:=".unicodeScalars.contains($0)
      }
      if !isPlain { return nil }
    }
    return word
  }
}
