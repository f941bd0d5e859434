internal import Linux

/// How to unpack.
package struct UnpackOptions: Hashable, Sendable {
  /// Leading components to take off every name, as tar(1) does.
  package var stripComponents = 0
  /// Absolute paths that symbolic links may name, compared byte for byte.
  package var allowedLinkTargets: [String] = []
  /// Paths in whose place links to somewhere else will stand: no link of the archive may lead out of
  /// one by "..".
  package var replacedPaths: [String] = []
  /// No file is writable, whatever the archive says of it.
  package var readOnlyFiles = false
  /// What the stage passes on to the files and directories that are made in it.
  package var inheritance: Inheritance = []
  package var limits = UnpackLimits()

  package init(
    stripComponents: Int = 0, allowedLinkTargets: [String] = [], replacedPaths: [String] = [],
    readOnlyFiles: Bool = false, limits: UnpackLimits = UnpackLimits()
  ) {
    self.replacedPaths = replacedPaths
    self.stripComponents = stripComponents
    self.readOnlyFiles = readOnlyFiles
    self.allowedLinkTargets = allowedLinkTargets
    self.limits = limits
  }
}

/// Unpacks a tar (v7, ustar, pax, GNU; plain or in gzip, zstd, xz, bzip2 or lz4) or a zip, in this
/// process. Nothing is flushed to the disk. On any error, what has been written is of no use.
struct Unpacker {
  let options: UnpackOptions

  /// - Parameters:
  ///   - archive: a file, a pipe or a terminal, read from where it stands to its end.
  ///   - stage: an empty directory that nobody else writes to.
  ///   - report: told of each entry, by another thread but one call after the other.
  /// - Returns: what was changed on the way, for a person.
  func run(
    from archive: borrowing Descriptor, into stage: borrowing Descriptor,
    _ report: @escaping TreeReport.Receiver
  ) throws(ArchiveError) -> [String] {
    try run(from: try OpenArchive(archive, scratch: stage), into: stage, report)
  }

  /// Unpacks an archive whose first bytes have been read already.
  func run(
    from archive: OpenArchive, into stage: borrowing Descriptor,
    _ report: @escaping TreeReport.Receiver
  ) throws(ArchiveError) -> [String] {
    let input = archive.input
    let reader = try archive.reader(options.limits)
    let pipeline = try WritePipeline(try TreeWriter(stage, options.inheritance, report))
    var rule = AcceptanceRule(
      stripComponents: options.stripComponents, allowedLinkTargets: options.allowedLinkTargets,
      replacedPaths: options.replacedPaths, readOnlyFiles: options.readOnlyFiles,
      limits: options.limits)
    var written: Int64 = 0
    while let member = try reader.next() {
      for placement in try rule.accept(member) {
        try pipeline.make(placement)
        guard case .file = placement.content else { continue }
        try naming(member.name) { () throws(ArchiveError) in
          try reader.readContent { piece throws(ArchiveError) in
            written += piece.count
            try options.limits.checkRatio(written, of: input.count)
            try pipeline.append(piece)
          }
        }
        pipeline.finishFile()
      }
    }
    try rule.finish()
    try pipeline.finish(rule.place(of:))
    return rule.warnings
  }
}
