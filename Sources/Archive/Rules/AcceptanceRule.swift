internal import Linux
internal import Text

/// Accepts or rejects an archive member by member, given all members before it. It makes no system
/// calls. A rejection is thrown and applies to the whole archive.
struct AcceptanceRule {
  private let stripComponents: Int
  private let stripsSingleDirectory: Bool
  private let allowedLinkTargets: [String]
  private let replacedPaths: [String]
  private let readOnlyFiles: Bool
  private let limits: UnpackLimits
  private var tree = MemberTree()
  private var declaredBytes: Int64 = 0
  private var nameBytes: Int64 = 0
  private var specialBits = ChangedMembers()
  private var sharedWriteBits = ChangedMembers()

  init(_ options: UnpackOptions = UnpackOptions()) {
    replacedPaths = options.replacedPaths
    readOnlyFiles = options.readOnlyFiles
    stripComponents = options.stripComponents
    stripsSingleDirectory = options.stripsSingleDirectory
    allowedLinkTargets = options.allowedLinkTargets
    limits = options.limits
  }

  /// The messages about what was changed, for a person.
  var warnings: [String] {
    [
      specialBits.text.map { "set-user-ID, set-group-ID or sticky bits removed from \($0)" },
      sharedWriteBits.text.map {
        "write permission for the group or for others removed from \($0)"
      },
    ].compactMap { $0 }
  }

  /// Returns the entries to make for a member, preceded by the directories that its name implies.
  /// There are none for a directory whose whole name is stripped.
  ///
  /// - Throws: `ArchiveError` when the member breaks a rule.
  mutating func accept(_ member: Member) throws(ArchiveError) -> [Placement] {
    let components = try MemberName.components(of: member.name, limits)
    return try naming(member.name) { () throws(ArchiveError) in try place(member, components) }
  }

  /// Returns the place of a node of an earlier placement.
  func place(of node: MemberTree.NodeID) -> Place { tree.place(of: node) }

  /// Checks where the symbolic links point, which depends on the whole tree.
  ///
  /// - Throws: `ArchiveError` when a link leaves the tree, or the archive has no members.
  func finish() throws(ArchiveError) {
    let top = stripsSingleDirectory ? tree.singleDirectory : nil
    if tree.count == (top == nil ? 0 : 1) { throw ArchiveError(.rejected(.noMembers)) }
    var resolution = LinkResolution(
      tree: tree, allowedTargets: allowedLinkTargets, replaced: replacedPaths,
      root: top ?? MemberTree.root)
    for (node, target) in tree.links {
      try naming(Array(tree.path(of: node).utf8)) { () throws(ArchiveError) in
        try resolution.check(node, target: target)
      }
    }
  }

  private mutating func place(
    _ member: Member, _ components: [String]
  ) throws(ArchiveError) -> [Placement] {
    guard let stripped = stripped(components) else {
      guard member.kind == .directory else { throw ArchiveError(.rejected(.strippedAway)) }
      return []
    }
    guard !stripped.isEmpty || member.kind == .directory else {
      throw ArchiveError(.rejected(.emptyName))
    }
    let (kind, content) = try content(of: member.kind)
    let added = try tree.add(stripped, kind)
    guard tree.count <= limits.entries else { throw ArchiveError(.rejected(.tooManyEntries)) }
    let placements =
      added.implied.map(implied) + [
        Placement(
          place: tree.place(of: added.node), content: content,
          permissions: permissions(of: member, kind), modified: clamped(member.modified))
      ]
    nameBytes += placements.reduce(0) { $0 + $1.nameBytes }
    if nameBytes > limits.names { throw ArchiveError(.rejected(.metadataTooLarge)) }
    return placements
  }

  private func implied(_ node: MemberTree.NodeID) -> Placement {
    Placement(
      place: tree.place(of: node), content: .directory, permissions: 0o755, modified: nil)
  }

  private func stripped(_ components: [String]) -> [String]? {
    if stripComponents == 0 { return components }
    guard components.count > stripComponents else { return nil }
    return Array(components.dropFirst(stripComponents))
  }

  private mutating func content(
    of kind: Member.Kind
  ) throws(ArchiveError) -> (MemberTree.Kind, Placement.Content) {
    switch kind {
    case .directory: return (.directory, .directory)
    case .file(let size):
      // This can't overflow, and the sum stays above the limit once it is exceeded.
      declaredBytes += min(size, .max - declaredBytes)
      if declaredBytes > limits.bytes { throw ArchiveError(.rejected(.tooManyBytes)) }
      return (.file, .file(size: size))
    case .symbolicLink(let target):
      let text = try linkTarget(target)
      return (.symbolicLink(target: text), .symbolicLink(target: text))
    case .hardLink(let target):
      return (.file, .hardLink(to: tree.place(of: try hardLinkTarget(target))))
    case .special: throw ArchiveError(.rejected(.specialFile))
    }
  }

  /// Checks the form of a target and rejects absolute ones. Relative ones are checked when the tree
  /// is complete.
  ///
  /// - Throws: `ArchiveError` when the target is malformed, or absolute and not allowed.
  private func linkTarget(_ target: [UInt8]) throws(ArchiveError) -> String {
    guard !target.isEmpty, !target.contains(0), target.count <= MemberName.pathLimit,
      let text = String(validating: target, as: UTF8.self)
    else { throw ArchiveError(.rejected(.linkTarget)) }
    if text.isAbsolutePath, !allowedLinkTargets.contains(where: { $0.isSameName(as: text) }) {
      throw ArchiveError(.rejected(.linkEscapes), target: displayed(target))
    }
    return text
  }

  private func hardLinkTarget(_ target: [UInt8]) throws(ArchiveError) -> MemberTree.NodeID {
    guard let components = try? MemberName.components(of: target, limits),
      let stripped = stripped(components), let node = tree.find(stripped),
      tree.kind(of: node) == .file
    else { throw ArchiveError(.rejected(.hardLinkTarget)) }
    return node
  }

  /// Returns the permissions of an entry: never writable by others, without special bits, and
  /// always readable by the owner, who verifies and removes it.
  private mutating func permissions(of member: Member, _ kind: MemberTree.Kind) -> FileMode {
    if case .symbolicLink = kind { return 0o777 }
    if member.mode & 0o7000 != 0 { specialBits.add(member.name) }
    // The mode of a hard link is that of its file.
    let isHardLink = if case .hardLink = member.kind { true } else { false }
    if member.mode & 0o022 != 0, !isHardLink { sharedWriteBits.add(member.name) }
    if kind == .directory { return member.mode & 0o755 | 0o700 }
    return member.mode & (readOnlyFiles ? 0o555 : 0o755) | 0o400
  }

  /// Limits a time to the range of ext4: 1901 to 2446.
  private func clamped(_ time: FileTime) -> FileTime {
    let range = Int64(Int32.min)...Int64(Int32.min) + (1 << 34) - 1
    return range.contains(time.seconds)
      ? time : FileTime(seconds: min(max(time.seconds, range.lowerBound), range.upperBound))
  }
}

/// The members that were changed in one way.
private struct ChangedMembers {
  private var count = 0
  private var first = ""

  mutating func add(_ name: [UInt8]) {
    if count == 0 { first = displayed(name) }
    count += 1
  }

  /// The first member and the number of the others; nil when there is none.
  var text: String? {
    switch count {
    case 0: nil
    case 1: "'\(first)'"
    default: "'\(first)' and \(count - 1) more"
    }
  }
}
