extension ArchiveError {
  /// An input that may be intact, but is not an archive that can be unpacked.
  package enum UnsupportedInput: String, Hashable, Sendable, CaseIterable {
    case nothing
    case webPage, json, largeFilePointer
    case sevenZip, rar, debianPackage, rpmPackage, cpio, program, splitZip
    case lzip, lzma, lzop, compress, legacyLZ4
    /// The compressed data (gzip, zstd, xz, bzip2 or lz4) is not a tar.
    case compressedFile
    case compressedTwice
    /// A tar whose first header is corrupt.
    case tarHeader
    case zstdWindow, zstdDictionary, xzDictionary
    case zipMethod
    case unknown

    var reason: String {
      switch self {
      case .nothing: "the archive is empty"
      case .webPage: "this is a web page (HTML), not an archive"
      case .json: "this is a JSON document, not an archive"
      case .largeFilePointer: "this is a Git LFS pointer, not the archive itself"
      case .sevenZip: "this is a 7-Zip archive (7z)"
      case .rar: "this is a RAR archive"
      case .debianPackage: "this is a Debian package or a library (ar)"
      case .rpmPackage: "this is an RPM package"
      case .cpio: "this is a cpio archive"
      case .program: "this is a program (ELF), not an archive"
      case .splitZip: "this is one part of a split zip"
      case .lzip: "the archive is compressed with lzip"
      case .lzma: "the archive is compressed with lzma, the predecessor of xz"
      case .lzop: "the archive is compressed with lzop"
      case .compress: "the archive is compressed with compress (.Z)"
      case .legacyLZ4: "the archive is in the legacy format of lz4, which has no end mark"
      case .compressedFile: "this is a single compressed file, not a compressed tar"
      case .compressedTwice: "the archive is compressed more than once"
      case .tarHeader: "the first tar header is corrupt"
      case .zstdWindow:
        "the archive needs a zstd window larger than \(ZstdDecoder.windowLimit >> 20) MiB"
      case .zstdDictionary: "the archive was compressed with a zstd dictionary"
      case .xzDictionary: "the archive needs more memory to decompress than the sandbox permits"
      case .zipMethod: "a member of the zip is neither stored nor deflated"
      case .unknown:
        "not an archive: neither tar nor zip, nor tar in gzip, zstd, xz, bzip2 or lz4"
      }
    }
  }
}

extension ArchiveError.UnsupportedInput {
  /// The first bytes of other formats.
  private static let signatures: [(bytes: [UInt8], format: ArchiveError.UnsupportedInput)] = [
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip), (Array("Rar!".utf8) + [0x1A, 7], .rar),
    (Array("!<arch>\n".utf8), .debianPackage), ([0xED, 0xAB, 0xEE, 0xDB], .rpmPackage),
    (Array("070701".utf8), .cpio), (Array("070707".utf8), .cpio),
    ([0x7F] + Array("ELF".utf8), .program), (Array("LZIP".utf8), .lzip),
    ([0x5D, 0, 0], .lzma), ([0x89] + Array("LZO".utf8) + [0], .lzop),
    ([0x1F, 0x9D], .compress), ([0x50, 0x4B, 7, 8], .splitZip),
    (Array("version https://git-lfs.".utf8), .largeFilePointer),
  ]

  /// The first bytes of what would be an archive if it were not compressed once more.
  private static let archives = [
    FormatSignature.gzip, FormatSignature.zstd, FormatSignature.xz, FormatSignature.bzip2,
    FormatSignature.lz4, FormatSignature.zip,
  ]

  /// Identifies an input that is not a tar.
  ///
  /// - Parameters:
  ///   - start: the first bytes of the input after decompression, a tar header's worth if there are
  ///     that many.
  ///   - isCompressed: whether they were compressed.
  init(start: [UInt8], isCompressed: Bool) {
    if start.dropFirst(257).starts(with: "ustar".utf8) {
      self = .tarHeader
    } else if let found = Self.signatures.first(where: { start.starts(with: $0.bytes) }) {
      self = found.format
    } else if Self.isWebPage(start) {
      self = .webPage
    } else if Self.isJSON(start) {
      self = .json
    } else if isCompressed, Self.archives.contains(where: { start.starts(with: $0) }) {
      self = .compressedTwice
    } else {
      self = isCompressed ? .compressedFile : .unknown
    }
  }

  /// Identifies an input that is certainly no archive; nil for any other one, which only unpacking can
  /// judge.
  ///
  /// - Parameter start: the first 512 bytes, or all if there are fewer.
  package init?(certainFrom start: [UInt8]) {
    if start.isEmpty {
      self = .nothing
      return
    }
    // A name at the start of a tar may look like anything, but is followed by NUL characters.
    guard !start.contains(0) || Self.signatures.contains(where: { start.starts(with: $0.bytes) })
    else { return nil }
    let found = Self(start: start, isCompressed: false)
    if found == .unknown || found == .tarHeader || found == .lzma { return nil }
    self = found
  }

  private static func isWebPage(_ start: [UInt8]) -> Bool {
    let text = visible(start).prefix(64).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return ["<!doctype html", "<html", "<head", "<body", "<?xml", "<!--"].contains {
      text.starts(with: $0.utf8)
    }
  }

  /// Whether a text begins like a JSON object or array.
  private static func isJSON(_ start: [UInt8]) -> Bool {
    let text = visible(start)
    let next = visible(text.dropFirst()).first
    switch text.first {
    case UInt8(ascii: "{"): return next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
    case UInt8(ascii: "["): return next.map { Array("{[]\"".utf8).contains($0) } ?? false
    default: return false
    }
  }

  /// Returns a text without a byte order mark and white space at its start.
  private static func visible(_ text: some Collection<UInt8>) -> ArraySlice<UInt8> {
    let bytes = Array(text)[...]
    let marked = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    return marked.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }
}
