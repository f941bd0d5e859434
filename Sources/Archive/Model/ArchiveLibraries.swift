internal import CArchive
internal import CCrypto

#if ISAL
  internal import CISAL
#endif

/// The C libraries that decode archives, which are part of the binary.
package enum ArchiveLibraries {
  /// The libraries with the versions that they report themselves.
  package static var versions: [String: String] {
    // libarchive names itself and what it decodes with: "libarchive 3.6.2 zlib/1.2.13 ...".
    let text = String(cString: archive_version_details())
    let words = text.replacing("libarchive ", with: "libarchive/").split(separator: " ")
    var versions: [String: String] = ["openssl": OPENSSL_VERSION_STR]
    for word in words {
      let parts = word.split(separator: "/", maxSplits: 1)
      if parts.count == 2 {
        versions[names[String(parts[0])] ?? String(parts[0])] = String(parts[1])
      }
    }
    #if ISAL
      versions["isa-l"] = "\(ISAL_MAJOR_VERSION).\(ISAL_MINOR_VERSION).\(ISAL_PATCH_VERSION)"
    #endif
    return versions
  }

  /// The usual names of libraries that libarchive names in another way.
  private static let names = [
    "bz2lib": "bzip2", "liblzma": "xz", "liblz4": "lz4", "libzstd": "zstd",
  ]
}
