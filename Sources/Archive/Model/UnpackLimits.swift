/// What an archive may come to at most. More rejects it.
package struct UnpackLimits: Hashable, Sendable {
  /// Content of all files, holes included.
  package var bytes: Int64 = 8 << 30
  /// Files, directories and links, those included that names imply.
  package var entries = 500_000
  /// Bytes out of the archive for each byte of it.
  package var ratio = 200
  /// Components of a name.
  package var depth = 128
  /// Of a whole name, in bytes; never more than PATH_MAX allows.
  package var nameLength = 4095
  /// Extended headers of one member, in bytes.
  package var metadata: Int64 = 1 << 20
  /// Paths and link targets of all entries, in bytes: they are held in memory and in the manifest.
  package var names: Int64 = 128 << 20
  /// Of the processor, for the whole archive, in seconds.
  package var processorTime = 600
  /// How long the unpacking may stand still while there is something to do, in seconds.
  package var idleTime = 120

  package init() {}

  /// Small archives of zeros harm nobody.
  private static let ratioFloor: Int64 = 16 << 20

  /// Throws when `count` bytes are too many to come out of `read` bytes.
  func checkRatio(_ count: Int64, of read: Int64) throws(ArchiveError) {
    if count > Self.ratioFloor, count / Int64(ratio) > read {
      throw ArchiveError(.rejected(.ratioTooHigh))
    }
  }
}
