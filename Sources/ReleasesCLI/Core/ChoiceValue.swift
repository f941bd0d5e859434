internal import CommandLineKit

extension Value {
  /// Returns a value that is one of the raw values of a type.
  ///
  /// Every command makes such values when it starts. In the target that uses it, the function is
  /// specialized for its types; elsewhere it would take as long as the rest of the start.
  static func words<Word: CaseIterable & RawRepresentable<String>>(of _: Word.Type) -> Value {
    words(Word.allCases.map { $0.rawValue })
  }
}
