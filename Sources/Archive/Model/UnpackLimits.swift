/// Limits on an archive. An archive beyond one of them is rejected.
package struct UnpackLimits: Hashable, Sendable {
  /// The maximum size of the content of all files, holes included, in bytes.
  package var bytes: Int64 = 8 << 30
  /// The maximum number of files, directories and links, including directories that are only
  /// implied by names.
  package var entries = 500_000
  /// The maximum number of unpacked bytes for each byte of the archive.
  package var ratio = 200
  /// The maximum number of components of a name.
  package var depth = 128
  /// The maximum length of a name in bytes; PATH_MAX applies as well.
  package var nameLength = 4095
  /// The maximum size of the extended headers of one member, in bytes.
  package var metadata: Int64 = 1 << 20
  /// The maximum length of the paths and link targets of all entries together, in bytes. They are
  /// stored in memory and in the manifest.
  package var names: Int64 = 128 << 20
  /// The maximum processor time for the whole archive, in seconds.
  package var processorTime = 600
  /// The maximum time without progress while input is available, in seconds.
  package var idleTime = 120

  /// The maximum length of a component in bytes: NAME_MAX.
  static let componentLength = 255
  /// The maximum length of a path in bytes: PATH_MAX without its NUL.
  static let pathLength = 4095
  /// The maximum number of links through which a link may pass, as in path_resolution(7).
  static let linkHops = 40

  package init() {}

  /// The number of unpacked bytes up to which the ratio is not checked: small archives of zeros are
  /// harmless.
  private static let ratioFloor: Int64 = 16 << 20

  /// Checks the ratio of unpacked bytes to bytes of the archive.
  ///
  /// - Parameters:
  ///   - count: the number of unpacked bytes.
  ///   - read: the number of bytes of the archive.
  /// - Throws: `ArchiveError` when the ratio is above the limit.
  func checkRatio(_ count: Int64, of read: Int64) throws(ArchiveError) {
    if count > Self.ratioFloor, count / Int64(ratio) > read {
      throw ArchiveError(.rejected(.ratioTooHigh))
    }
  }
}
