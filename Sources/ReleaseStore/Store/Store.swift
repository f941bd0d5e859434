package import Linux

/// A deploy directory, opened. Reading from it never locks.
package final class Store: Sendable {
  /// As it was given, made absolute; for messages and for matching absolute links.
  package let path: String
  /// The store's own directory.
  package let root: Descriptor
  /// `releases/`
  let releases: Descriptor
  /// `.releases/`
  let control: Descriptor

  private init(
    path: String, root: consuming Descriptor, releases: consuming Descriptor,
    control: consuming Descriptor
  ) {
    self.path = path
    self.root = root
    self.releases = releases
    self.control = control
  }

  /// Opens a store that `init` has made.
  ///
  /// Throws `noSuchStore`, or `unsafeOwner` when others than the owner could have written to it.
  package static func open(_ path: String) throws(ReleasesError) -> Store {
    let root = try openRoot(path)
    let control: Descriptor
    do throws(SystemError) {
      control = try root.openDirectory(Layout.control)
    } catch let error where error.errno == .noEntry {
      let outer = enclosing(path)
      throw ReleasesError(
        .noSuchStore, "\(path) is not a store yet: it has no \(Layout.control) directory",
        hint: outer.map { "it lies in one: releases --store \($0) list" }
          ?? "make it one: releases --store \(path) init")
    } catch {
      throw ReleasesError("can't open the store \(path)", error)
    }
    try refuseIfOthersMayWrite(root)
    try refuseIfOthersMayWrite(control, under: root)
    let releases = try attempting("can't open the releases of \(path)") { () throws(SystemError) in
      try root.openDirectory(Layout.releases)
    }
    try refuseIfOthersMayWrite(releases)
    return Store(path: path, root: root, releases: releases, control: control)
  }

  /// The store that a directory lies in, without being one; nil when there is none. Of a path that
  /// is not there the directory above it counts.
  static func enclosing(_ path: String) -> String? {
    let parent = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    var real: Substring? = (try? Descriptor.openDirectory(path))?.path.map { $0[...] }
    if real == nil {
      real = (try? Descriptor.openDirectory("\(parent)/"))?.path.map { "\($0)/new" }
    }
    while let slash = real?.lastIndex(of: "/"), let outer = real?[..<slash], !outer.isEmpty {
      let catalog = "\(outer)/\(Layout.control)/\(Layout.catalog)"
      if (try? status(ofPath: catalog))?.kind == .directory { return String(outer) }
      real = outer
    }
    return nil
  }

  /// Opens a directory that may or may not be a store yet.
  static func openRoot(_ path: String) throws(ReleasesError) -> Descriptor {
    let root = try openDirectory(path)
    let owner = try attempting("can't look at \(path)") { () throws(SystemError) in
      try root.status().owner
    }
    // Root becomes the owner before it comes here, unless the path led elsewhere then.
    guard owner == 0 || ProcessFacts.effectiveUser != 0 else {
      throw ReleasesError(
        .unsafeOwner, "\(path) changed hands while it was being opened",
        hint: "see who may move it: namei -l \(path)")
    }
    return root
  }

  private static func openDirectory(_ path: String) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.openDirectory(path)
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      throw ReleasesError(
        .noSuchStore, "there is no store at \(path)",
        hint:
          "name it with --store PATH or RELEASES_STORE, or make one: releases --store \(path) init",
        cause: error.description)
    } catch {
      throw ReleasesError("can't open the store \(path)", error)
    }
  }

  /// What others may write to, others could make us run.
  static func refuseIfOthersMayWrite(_ file: borrowing Descriptor) throws(ReleasesError) {
    let status = try attempting("can't look at the store") { () throws(SystemError) in
      try file.status()
    }
    guard status.permissions & 0o022 != 0 else { return }
    let path = file.path ?? "the store"
    throw ReleasesError(
      .unsafeOwner,
      "\(path) can be written by others (mode \(String(status.permissions, radix: 8)))",
      hint: "chmod go-w \(path)")
  }

  /// What is in the store for its own use belongs to the store's owner, or to root.
  private static func refuseIfOthersMayWrite(
    _ file: borrowing Descriptor, under parent: borrowing Descriptor
  ) throws(ReleasesError) {
    try refuseIfOthersMayWrite(file)
    let (owner, expected) = try attempting("can't look at the store") { () throws(SystemError) in
      (try file.status().owner, try parent.status().owner)
    }
    if owner == expected || owner == 0 { return }
    let path = file.path ?? "the store"
    throw ReleasesError(
      .unsafeOwner, "\(path) belongs to user \(owner), neither the store's owner nor root",
      hint: "chown -R \(expected) \(path)")
  }

  /// A directory of `.releases`.
  func controlDirectory(_ name: String) throws(ReleasesError) -> Descriptor {
    let directory = try attempting("can't open \(path)/\(Layout.control)/\(name)") {
      () throws(SystemError) in
      try control.openDirectory(name)
    }
    try Self.refuseIfOthersMayWrite(directory, under: control)
    return directory
  }

  /// How much room there is.
  package func space() throws(ReleasesError) -> FileSystemFacts {
    try attempting("can't look at the free space of \(path)") { () throws(SystemError) in
      try root.fileSystem()
    }
  }

  /// The full path of something in the store; for messages.
  package func path(_ components: String...) -> String {
    ([path] + components).joined(separator: "/")
  }

  /// The configuration as it is now.
  package func configuration() throws(ReleasesError) -> Configuration {
    try Configuration.load(directory: root, path: path)
  }
}

extension Descriptor {
  /// Replaces a small file beneath this directory so that readers see the old or the new one, and
  /// a power failure leaves one of them. The directory itself is the caller's to `sync`.
  func replaceFile(
    _ name: String, with content: [UInt8], suffix: String
  ) throws(SystemError) {
    let temporary = Layout.temporaryName(for: name, suffix)
    do throws(SystemError) {
      try writeNewFile(temporary, content)
      try rename(temporary, to: name)
    } catch {
      try? unlink(temporary)
      throw error
    }
  }

  /// Writes a file that was not there, durably but for its name.
  func writeNewFile(_ name: String, _ content: [UInt8]) throws(SystemError) {
    let file = try open(name, [.writeOnly, .create, .exclusive, .noFollow])
    try file.write(content)
    try file.sync()
    try file.close()
  }

  /// Removes a name; that it is gone already is no error.
  func unlinkIfPresent(_ name: String) throws(SystemError) {
    do throws(SystemError) {
      try unlink(name)
    } catch let error where error.errno == .noEntry {
      return
    }
  }
}
