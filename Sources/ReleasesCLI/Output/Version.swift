/// Which edition of the tool this is.
enum Version {
  static let number = "0.1.0"
  /// When it was made, as mdoc(7) writes dates. A constant, so that the same source always yields
  /// the same man page.
  static let date = "November 23, 2026"
}
