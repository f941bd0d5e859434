internal import Linux

/// A report as a file to attach: a compressed archive of texts.
package struct ReportArchive: Sendable {
  /// What it holds.
  package struct Member: Sendable {
    /// Relative; ASCII, of up to 100 characters.
    let name: String
    let content: [UInt8]

    package init(_ name: String, _ text: String) {
      self.name = name
      content = Array(text.utf8)
    }
  }

  /// How long gzip may take, in seconds, for what takes less than one.
  private static let patience = 60.0

  private let gzip: String

  /// Throws `unsupported` when the host can't compress.
  package init(directories: [String]? = nil) throws(ReleasesError) {
    guard let gzip = HostProgram.find("gzip", in: directories ?? HostProgram.allDirectories) else {
      throw ReleasesError(
        .unsupported, "no archive can be made: this host has no gzip",
        hint: "attach the text: releases diagnose > FILE")
    }
    self.gzip = gzip
  }

  /// A tar archive, compressed by the host's gzip.
  ///
  /// - Parameter time: of the members, in Unix seconds.
  package func packed(_ members: [Member], at time: Int64) throws(ReleasesError) -> [UInt8] {
    let failed = "can't compress the report"
    return try attempting(failed) { () throws(SystemError) in
      let tar = try Descriptor.inMemory("tar", Ustar.archive(members, at: time))
      try tar.rewind()
      let packed = try Descriptor.inMemory("gzip", [])
      let result = try CapturedProcess(
        "/bin/sh", ["sh", "-c", "exec \"$0\" -n >&3", gzip], environment: ["LC_ALL": "C"],
        input: tar, others: [packed.raw]
      ).result(within: Self.patience)
      guard result.ending == .exited(0) else {
        throw SystemError(call: "gzip", path: gzip, errno: .inputOutput)
      }
      return try packed.read(count: Int(try packed.status().size), at: 0)
    }
  }
}
