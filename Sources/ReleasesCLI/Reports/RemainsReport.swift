internal import Operations
internal import ReleaseModel
internal import Text

/// What could not be removed of a release that was removed.
struct RemainsReport: Encodable, Sendable {
  let id: String
  /// The size of the files that remain; nil when it is unknown.
  @OrNull var bytes: Int64?
  let message: Message
  /// What to do, with its command.
  @OrNull var hint: Message?
  /// The command of the hint alone, ready for a shell.
  @OrNull var command: String?

  /// - Parameters:
  ///   - remains: what remains.
  ///   - reader: who reads the hints.
  init(_ remains: ReleaseRemains, for reader: HintReader) {
    id = remains.id.text
    message = remains.warning.message
    _bytes = OrNull(wrappedValue: remains.bytes)
    _hint = OrNull(wrappedValue: remains.warning.hint?.line(for: reader))
    _command = OrNull(wrappedValue: remains.warning.hint?.command(for: reader))
  }

  /// Returns one report for each release of which something remains.
  static func all(_ remains: [ReleaseRemains], for reader: HintReader) -> [RemainsReport] {
    remains.map { RemainsReport($0, for: reader) }
  }
}
