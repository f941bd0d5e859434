/// The version of this program.
enum Version {
  static let number = "0.1.0"
  /// The date of the version, as mdoc(7) writes dates. It is a constant, so that the same source
  /// always yields the same man page.
  static let date = "November 23, 2026"
}
