extension ArchiveError {
  /// What an archive must not hold. One violation rejects the whole archive.
  package enum Rule: String, Hashable, Sendable, CaseIterable {
    case absoluteName
    case parentComponent
    case emptyName
    case nulInName
    case nameNotUTF8
    /// A component over 255 bytes, or a path over the limit.
    case nameTooLong
    /// More components than the limit.
    case tooDeep
    /// Nothing is left of the name after `--strip-components`.
    case strippedAway
    /// An earlier member makes one of the name's directories a symbolic link.
    case throughLink
    /// An earlier member makes one of the name's directories a file.
    case throughFile
    /// A symbolic link's target is empty, over-long, not UTF-8 or holds a NUL.
    case linkTarget
    /// A symbolic link leads out of the tree.
    case linkEscapes
    /// A symbolic link goes through more than 40 links, or in circles.
    case linkLoop
    /// A hard link to something that is not an earlier regular file.
    case hardLinkTarget
    /// A device, a fifo, a socket, or a type nobody knows.
    case specialFile
    case duplicateName
    /// A name that is another one after case folding or Unicode normalisation, of another kind.
    case collision
    /// More or fewer bytes than were declared, or declarations that contradict each other.
    case sizeLies
    /// A pax global header that sets path, size or linkpath.
    case globalHeader
    /// Headers that different readers would understand in different ways.
    case ambiguousHeader
    /// Extended headers of one member over the limit, a sparse map over 4 MiB, or all paths and
    /// link targets together over theirs.
    case metadataTooLarge
    case tooManyBytes, tooManyEntries
    /// More bytes come out of the archive than its own size allows for.
    case ratioTooHigh
    case tooMuchProcessorTime
    case encrypted
    /// Anything but zeros after the archive's end.
    case trailingData
    /// No member, or none that is left after `--strip-components`.
    case noMembers

    var reason: String {
      switch self {
      case .absoluteName: "its name is absolute"
      case .parentComponent: "its name holds '..'"
      case .emptyName: "its name is empty"
      case .nulInName: "its name holds a NUL"
      case .nameNotUTF8: "its name is not UTF-8"
      case .nameTooLong: "its name is too long"
      case .tooDeep: "its name has too many components"
      case .strippedAway: "nothing is left of its name after stripping components"
      case .throughLink: "its name leads through a symbolic link of the archive"
      case .throughFile: "its name leads through a file of the archive"
      case .linkTarget: "its link target is not a usable path"
      case .linkEscapes: "the link leads out of the tree"
      case .linkLoop: "the link goes in circles or through too many links"
      case .hardLinkTarget: "it is a hard link to something that is no earlier file"
      case .specialFile: "it is neither a file, a directory nor a link"
      case .duplicateName: "its name occurs twice"
      case .collision: "its name differs from one of another kind only in case or normalisation"
      case .sizeLies: "its size is not the one declared"
      case .globalHeader: "a pax global header sets path, size or linkpath"
      case .ambiguousHeader: "its headers contradict each other"
      case .metadataTooLarge: "its headers are too large"
      case .tooManyBytes: "the archive unpacks to more bytes than the limit"
      case .tooManyEntries: "the archive has more entries than the limit"
      case .ratioTooHigh: "far more comes out of the archive than its size allows for"
      case .tooMuchProcessorTime: "the archive takes more processor time than the limit"
      case .encrypted: "it is encrypted"
      case .trailingData: "there is data after the end of the archive"
      case .noMembers: "the archive holds nothing to unpack"
      }
    }
  }
}
