/// Recognizes tokens whose parts have known lengths.
enum StructuredTokens {
  static func secret(at word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    azureSecret(word, in: line) ?? botToken(word, in: line) ?? discordToken(word, in: line)
      ?? terraformToken(word, in: line) ?? suffixed(word) ?? hash(word, in: line)
      ?? refreshToken(word, in: line)
  }

  /// Finds a client secret of Azure: three characters, a digit, `Q~`, and at least 30 characters.
  private static func azureSecret(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let end = word.endIndex
    guard word.count >= 3, end < line.count, line[end] == UInt8(ascii: "~"),
      line[end - 1] == UInt8(ascii: "Q"), line[end - 2].isDigit
    else { return nil }
    let rest = line[(end + 1)...].prefix(200).prefix { $0.isTokenCharacter }
    return rest.count >= 30 ? word.startIndex..<rest.endIndex : nil
  }

  /// Finds a token of a Telegram bot: 8 to 10 digits, a colon, and 35 characters.
  private static func botToken(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let end = word.endIndex
    guard (6...20).contains(word.count), end < line.count, line[end] == UInt8(ascii: ":") else {
      return nil
    }
    let digits = word.reversed().prefix { $0.isDigit }.count
    guard (6...12).contains(digits), digits == word.count || word.starts(with: "bot") else {
      return nil
    }
    let rest = line[(end + 1)...].prefix(64).prefix { $0.isWord }
    return (30...50).contains(rest.count) && rest.contains(where: \.isUppercase)
      ? (end + 1)..<rest.endIndex : nil
  }

  /// Finds a token of a Discord bot: an ID in Base64, a time and a signature.
  private static func discordToken(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    guard (23...28).contains(word.count), "MNO".utf8.contains(word.first ?? 0),
      word.endIndex < line.count, line[word.endIndex] == UInt8(ascii: ".")
    else { return nil }
    let time = line[(word.endIndex + 1)...].prefix(8).prefix { $0.isWord }
    guard (5...7).contains(time.count), time.endIndex < line.count,
      line[time.endIndex] == UInt8(ascii: ".")
    else { return nil }
    let rest = line[(time.endIndex + 1)...].prefix(64).prefix { $0.isWord }
    return rest.count >= 25 ? word.startIndex..<rest.endIndex : nil
  }

  private static func terraformToken(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let marker = ".atlasv1."
    guard word.count == 14, line[word.endIndex...].starts(with: marker) else { return nil }
    let rest = line[(word.endIndex + marker.utf8.count)...].prefix(128).prefix {
      $0.isWord || $0 == 0x3D
    }
    return rest.count >= 40 ? word.startIndex..<rest.endIndex : nil
  }

  /// Finds keys that are recognized by their ends or by two hexadecimal digits of a kind.
  private static func suffixed(_ word: ArraySlice<UInt8>) -> Range<Int>? {
    let isMail =
      (36...38).contains(word.count) && word[(word.startIndex + 32)...].starts(with: "-us")
    let isPhone =
      word.count == 34 && word.starts(with: "SK")
      && word.dropFirst(2).allSatisfy { $0.isHexadecimal }
    let isLicense = word.count >= 36 && word.suffix(4).elementsEqual("_mmk".utf8)
    let isMonitor = word.count == 40 && word.suffix(4).elementsEqual("NRAL".utf8)
    let isRobot =
      word.starts(with: "SEC") && word.count == 67
      && word.dropFirst(3).allSatisfy { $0.isHexadecimal }
    let isDigits = word.prefix(32).allSatisfy { $0.isHexadecimal }
    guard isMail && isDigits || isPhone || isLicense || isMonitor || isRobot else { return nil }
    return word.startIndex..<word.endIndex
  }

  /// Finds what a password was hashed to, as in `/etc/shadow` and `.htpasswd`.
  private static func hash(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let start = word.startIndex
    guard start > 0, line[start - 1] == UInt8(ascii: "$"), word.count <= 10,
      word.endIndex < line.count, line[word.endIndex] == UInt8(ascii: "$"),
      ["1", "5", "6", "y", "2a", "2b", "2y", "apr1", "argon2id", "argon2i", "7", "gy"].contains(
        word.lowercasedText)
    else { return nil }
    let rest = line[(word.endIndex + 1)...].prefix(256).prefix {
      $0.isTokenCharacter || "$,".utf8.contains($0)
    }
    return rest.count >= 20 ? (word.endIndex + 1)..<rest.endIndex : nil
  }

  /// Finds a refresh token of Google: `1//0` and at least 30 characters.
  private static func refreshToken(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let start = word.endIndex + 2
    guard word.elementsEqual("1".utf8), line[word.endIndex...].starts(with: "//0") else {
      return nil
    }
    let rest = line[start...].prefix(256).prefix { $0.isWord }
    return rest.count >= 30 ? start..<rest.endIndex : nil
  }
}
