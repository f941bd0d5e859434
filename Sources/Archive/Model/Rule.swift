extension ArchiveError {
  /// What an archive must not contain. A single violation rejects the whole archive.
  package enum Rule: String, Hashable, Sendable, CaseIterable {
    case absoluteName
    case parentComponent
    case emptyName
    case nulInName
    case nameNotUTF8
    /// A component is longer than 255 bytes, or a path longer than the limit.
    case nameTooLong
    /// A name has more components than the limit.
    case tooDeep
    /// Nothing is left of the name after `--strip-components`.
    case strippedAway
    /// An earlier member makes one of the name's directories a symbolic link.
    case throughLink
    /// An earlier member makes one of the name's directories a file.
    case throughFile
    /// The target of a symbolic link is empty, too long or not UTF-8, or it contains a NUL.
    case linkTarget
    /// A symbolic link points outside the tree.
    case linkEscapes
    /// A symbolic link passes through more than 40 links, or forms a loop.
    case linkLoop
    /// The target of a hard link is not an earlier regular file.
    case hardLinkTarget
    /// A member is a device, a FIFO or a socket, or its type is unknown.
    case specialFile
    case duplicateName
    /// Two names of different kinds are equal after case folding or Unicode normalization.
    case collision
    /// A size differs from the declared one, or declarations contradict each other.
    case sizeLies
    /// A pax global header sets path, size or linkpath.
    case globalHeader
    /// Different readers would understand the headers in different ways.
    case ambiguousHeader
    /// The extended headers of a member are larger than the limit, a sparse map is larger than 4
    /// MiB, or all paths and link targets together are longer than their limit.
    case metadataTooLarge
    case tooManyBytes, tooManyEntries
    /// The archive unpacks to more bytes than its own size permits.
    case ratioTooHigh
    case tooMuchProcessorTime
    case encrypted
    /// Something other than zeros follows the end of the archive.
    case trailingData
    /// The archive has no members, or none is left after `--strip-components`.
    case noMembers

    /// Returns what is wrong, with the limit that applied.
    func reason(within limits: UnpackLimits) -> String {
      switch self {
      case .absoluteName: "its name is absolute"
      case .parentComponent: "its name contains '..'"
      case .emptyName: "its name is empty"
      case .nulInName: "its name contains a NUL"
      case .nameNotUTF8: "its name is not UTF-8"
      case .nameTooLong:
        """
        its name is longer than \(min(limits.nameLength, UnpackLimits.pathLength)) bytes, or one of \
        its components is longer than \(UnpackLimits.componentLength)
        """
      case .tooDeep: "its name has more than \(limits.depth) components"
      case .strippedAway: "nothing is left of its name after stripping components"
      case .throughLink: "a parent directory in its name is a symbolic link in the archive"
      case .throughFile: "a parent directory in its name is a file in the archive"
      case .linkTarget: "its link target is not a usable path"
      case .linkEscapes: "the link points outside the tree"
      case .linkLoop:
        "the link forms a loop or passes through more than \(UnpackLimits.linkHops) links"
      case .hardLinkTarget: "it is a hard link to something other than an earlier file"
      case .specialFile: "it is neither a file, a directory nor a link"
      case .duplicateName: "its name occurs twice"
      case .collision: "its name differs from one of another kind only in case or normalization"
      case .sizeLies: "its size differs from the declared size"
      case .globalHeader: "a pax global header sets path, size or linkpath"
      case .ambiguousHeader: "its headers contradict each other"
      case .metadataTooLarge:
        """
        its headers are larger than \(sizeText(limits.metadata)), or all names together are longer \
        than \(sizeText(limits.names))
        """
      case .tooManyBytes: "the archive unpacks to more than \(sizeText(limits.bytes))"
      case .tooManyEntries: "the archive has more than \(limits.entries) entries"
      case .ratioTooHigh: "the archive unpacks to more than \(limits.ratio) times its size"
      case .tooMuchProcessorTime:
        "the archive takes more than \(limits.processorTime) s of processor time"
      case .encrypted: "it is encrypted"
      case .trailingData: "there is data after the end of the archive"
      case .noMembers: "the archive contains nothing to unpack"
      }
    }
  }
}

/// Returns a size in the largest unit of which it is a multiple.
private func sizeText(_ bytes: Int64) -> String {
  for (name, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] as [(String, Int64)] {
    let unit: Int64 = 1 << shift
    if bytes >= unit, bytes % unit == 0 { return "\(bytes / unit) \(name)" }
  }
  return "\(bytes) bytes"
}
