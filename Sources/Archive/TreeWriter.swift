internal import Linux

/// Writes accepted members beneath an open directory, never above it and never through a link.
final class TreeWriter {
  /// Keeps a directory open while the next members go there too.
  private final class OpenDirectory {
    let components: [String]
    let descriptor: Descriptor

    init(_ components: [String], _ descriptor: consuming Descriptor) {
      self.components = components
      self.descriptor = descriptor
    }
  }

  /// A directory we made.
  private struct OwnDirectory {
    let components: [String]
    /// Nil for one that no member has named.
    var placement: Placement?
  }

  private let stage: OpenDirectory
  private var current: OpenDirectory
  /// By the bytes of their paths: Swift takes strings for equal that name two directories.
  private var directories: [[UInt8]: OwnDirectory] = [:]
  private var entries: [TreeEntry] = []
  /// Where in `entries` the file of a node is.
  private var files: [MemberTree.NodeID: Int] = [:]
  private(set) var fileCount = 0
  /// Holes included.
  private(set) var byteCount: Int64 = 0

  init(_ stage: borrowing Descriptor) throws(ArchiveError) {
    do throws(SystemError) {
      self.stage = OpenDirectory([], try Descriptor.duplicate(stage.raw))
    } catch {
      throw ArchiveError(error)
    }
    current = self.stage
    directories[[]] = OwnDirectory(components: [])
  }

  /// Makes what the placement says; a file's content comes from `reader`.
  func write(_ placement: Placement, from reader: any MemberReader) throws(ArchiveError) {
    if case .directory = placement.content {
      try makeDirectories(placement.components)
      directories[pathBytes(placement.components)]?.placement = placement
      return
    }
    guard let name = placement.components.last else { return }
    let parent = try open(Array(placement.components.dropLast()))
    switch placement.content {
    case .directory: break
    case .file(let size):
      let digest = try writeFile(name, in: parent, placement, size: size, from: reader)
      files[placement.node] = entries.count
      add(placement, .file(size: size, digest: digest), size: size)
    case .symbolicLink(let target):
      try system { () throws(SystemError) in
        try parent.descriptor.makeLink(name, to: target)
        try parent.descriptor.setModified(placement.modified, of: name)
      }
      add(placement, .symbolicLink(target: target), size: 0)
    case .hardLink(let node):
      try makeHardLink(name, in: parent, placement, to: node)
    }
  }

  /// Gives the directories their modes and times, deepest first, and returns everything that was
  /// made, sorted by the bytes of the paths.
  func finish() throws(ArchiveError) -> [TreeEntry] {
    current = stage
    for own in directories.values.sorted(by: { $0.components.count > $1.components.count }) {
      let permissions = own.placement?.permissions ?? 0o755
      let directory = try open(own.components)
      let modified = try system { () throws(SystemError) in
        try directory.descriptor.setPermissions(permissions)
        if let placement = own.placement {
          try directory.descriptor.setModified(placement.modified)
        }
        return try directory.descriptor.status().modified
      }
      let path = own.components.isEmpty ? "." : own.components.joined(separator: "/")
      entries.append(
        TreeEntry(path: path, content: .directory, permissions: permissions, modified: modified))
    }
    return entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private func add(_ placement: Placement, _ content: TreeEntry.Content, size: Int64) {
    if case .file = content { fileCount += 1 }
    byteCount += size
    entries.append(
      TreeEntry(
        path: placement.components.joined(separator: "/"), content: content,
        permissions: placement.permissions, modified: placement.modified))
  }
}

// MARK: - Directories

extension TreeWriter {
  /// Closed to everybody else until the end, and so that the writer itself gets in.
  private func makeDirectories(_ components: [String]) throws(ArchiveError) {
    for count in components.indices.map({ $0 + 1 }) {
      let prefix = Array(components.prefix(count))
      if directories[pathBytes(prefix)] != nil { continue }
      let parent = try open(Array(prefix.dropLast()))
      try system { () throws(SystemError) in
        try parent.descriptor.makeDirectory(prefix[count - 1], mode: 0o700)
      }
      directories[pathBytes(prefix)] = OwnDirectory(components: prefix)
    }
  }

  /// Made first where it is missing.
  private func open(_ components: [String]) throws(ArchiveError) -> OpenDirectory {
    if current.components.elementsEqual(components, by: { $0.isSameName(as: $1) }) {
      return current
    }
    if components.isEmpty { return stage }
    try makeDirectories(components)
    let path = components.joined(separator: "/")
    do throws(SystemError) {
      current = OpenDirectory(components, try stage.descriptor.openBeneath(path, .directory))
    } catch {
      throw ArchiveError(error)
    }
    return current
  }
}

// MARK: - Files

extension TreeWriter {
  private func writeFile(
    _ name: String, in parent: OpenDirectory, _ placement: Placement, size: Int64,
    from reader: any MemberReader
  ) throws(ArchiveError) -> Digest {
    try naming(pathBytes(placement.components)) { () throws(ArchiveError) in
      var file = try FileWriter(name, in: parent.descriptor)
      try reader.readContent { piece throws(ArchiveError) in try file.append(piece) }
      guard file.size == size else { throw ArchiveError(.rejected(.sizeLies)) }
      return try file.finish(placement.permissions, placement.modified)
    }
  }

  /// Mode, time and content are the first name's, whatever this member says.
  private func makeHardLink(
    _ name: String, in parent: OpenDirectory, _ placement: Placement, to node: MemberTree.NodeID
  ) throws(ArchiveError) {
    guard let index = files[node] else {
      throw ArchiveError(.rejected(.hardLinkTarget), member: Array(name.utf8))
    }
    let target = entries[index]
    let components = target.path.nameComponents
    let existing = try open(components.dropLast())
    try system { () throws(SystemError) in
      try existing.descriptor.makeHardLink(
        name, in: parent.descriptor, to: components[components.count - 1])
    }
    files[placement.node] = index
    fileCount += 1
    entries.append(
      TreeEntry(
        path: placement.components.joined(separator: "/"), content: target.content,
        permissions: target.permissions, modified: target.modified))
  }
}

private func pathBytes(_ components: [String]) -> [UInt8] {
  Array(components.joined(separator: "/").utf8)
}
