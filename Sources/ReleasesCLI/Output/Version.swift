/// The version of the program. Made from the changelog by: make generate
enum Version {
  static let number = "0.2.0"
  /// The date of the version, as mdoc(7) writes dates. It is a constant, so that the same source
  /// always yields the same man page.
  static let date = "November 30, 2026"
}
