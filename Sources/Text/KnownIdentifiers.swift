/// The identifiers of a text that would be masked for their form, such as an ID that looks like a token.
/// A word takes their place while the text is masked, so that they neither are masked nor hide what they
/// stand beside: `password=ID` is a password all the same.
struct KnownIdentifiers {
  /// The text with the words.
  let text: [UInt8]
  /// The words, and the identifiers in whose place they stand.
  private let words: [(word: [UInt8], identifier: [UInt8])]

  /// - Parameters:
  ///   - identifiers: what is kept where it is a whole word.
  ///   - text: the text.
  init(_ identifiers: [String], in text: [UInt8]) {
    // Any other identifier would only hide the context of a secret.
    let needed = Set(identifiers.filter { Outgoing.isSecret($0) })
    if needed.isEmpty {
      (self.text, words) = (text, [])
      return
    }
    let stem = Self.unusedWord(in: text)
    words = needed.sorted().enumerated().map { number, identifier in
      let letters = String(number).utf8.map { $0 - UInt8(ascii: "0") + UInt8(ascii: "a") }
      return (stem + letters + [UInt8(ascii: "x")], Array(identifier.utf8))
    }
    self.text = Self.replacing(words.map { ($0.word, $0.identifier) }, in: text)
  }

  /// Returns the text with the identifiers in place of the words.
  func restored(in masked: [UInt8]) -> [UInt8] {
    words.isEmpty ? masked : Self.replacing(words.map { ($0.identifier, $0.word) }, in: masked)
  }

  /// Returns the beginning of words that the text does not contain.
  private static func unusedWord(in text: [UInt8]) -> [UInt8] {
    var word = Array("release".utf8)
    let text = String(decoding: text, as: UTF8.self)
    while text.utf8.contains(word) { word.append(UInt8(ascii: "e")) }
    return word
  }

  /// Replaces whole words.
  private static func replacing(
    _ words: [(new: [UInt8], old: [UInt8])], in text: [UInt8]
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      let isStart = index == 0 || !text[index - 1].isWord
      let found =
        isStart
        ? words.first {
          let end = index + $0.old.count
          return text[index...].starts(with: $0.old) && (end == text.count || !text[end].isWord)
        } : nil
      if let found {
        result += found.new
        index += found.old.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }
}
