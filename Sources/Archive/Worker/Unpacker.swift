internal import Linux

/// Unpacks a tar (v7, ustar, pax, GNU; plain or in gzip, zstd, xz, bzip2 or lz4) or a zip in this
/// process. Nothing is flushed to the disk. After an error, the content of the stage is unusable.
struct Unpacker {
  let options: UnpackOptions

  /// Unpacks an archive.
  ///
  /// - Parameters:
  ///   - archive: a file, a pipe or a terminal, read from its current position to its end.
  ///   - stage: an empty directory that no other process writes to.
  ///   - report: receives each entry, on another thread, but never two at once.
  /// - Returns: messages about what was changed, for a person.
  /// - Throws: `ArchiveError` when the archive is rejected or a system call fails.
  func run(
    from archive: borrowing Descriptor, into stage: borrowing Descriptor,
    _ report: @escaping TreeReporter.Receiver
  ) throws(ArchiveError) -> [String] {
    let copy = try withArchiveError { () throws(SystemError) in try stage.openUnnamedFile() }
    return try run(from: try OpenArchive(archive, copy: copy), into: stage, report)
  }

  /// Unpacks an archive whose first bytes were read before.
  ///
  /// - Throws: `ArchiveError` when the archive is rejected, or can't be read or unpacked.
  func run(
    from archive: OpenArchive, into stage: borrowing Descriptor,
    _ report: @escaping TreeReporter.Receiver
  ) throws(ArchiveError) -> [String] {
    let input = archive.input
    let reader = try archive.reader(options.limits)
    let pipeline = try WritePipeline(try TreeWriter(stage, options.inheritance, report))
    var rule = AcceptanceRule(options)
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
