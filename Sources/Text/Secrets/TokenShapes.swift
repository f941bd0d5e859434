/// Recognizes the tokens of well-known services by their shape.
enum TokenShapes {
  private struct Shape {
    var prefix: [UInt8]
    var minimumLength: Int

    init(_ prefix: String, _ minimumLength: Int) {
      (self.prefix, self.minimumLength) = (Array(prefix.utf8), minimumLength)
    }
  }

  /// The prefixes of tokens, by how many characters follow at least.
  private static let prefixes: [(Int, String)] = [
    (10, "xoxb- xoxp- xoxa- xoxs- xoxr- xoxe- xoxo- xapp-"),
    (12, "sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_ LTAI"),
    (
      16,
      """
      glpat- gldt- glrt- glptt- glcbt- glft- glimt- glagent- gloas- glsoat- glffct- GR1348941 sk- AKIA \
      ASIA ABIA ACCA A3T whsec_ sm_pat_ sm_aat_ sm_sat_ rzp_live_ rzp_test_ tskey- SWMTKN-1- sqp_ squ_ sqa_
      """
    ),
    (
      20,
      """
      ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ dckr_pat_ dckr_oat_ AKID AKLT AKTP ALTAK GOCSPX- \
      NRAK- NRII- NRIQ- NRJS- PMAK- CFPAT- sq0atp- sq0csp- pat-na1- pat-eu1- bkua_ CCIPAT_ lsv2_ figd_ \
      figp_ nvapi- pnu_ AGE-SECRET-KEY-1 FLWSECK- FLWSECK_TEST- HRKU- EAAA BBDC- oy2 cio \
      tfp_ rdme_ sgp_ slk_ dnkey- fio-u- lin_api_ lin_oauth_ secret_ p8e-
      """
    ),
    (
      24,
      """
      ATBB glsa_ sntrys_ sntryu_ hf_ gsk_ r8_ pplx- shpat_ shpss_ shppa_ shpca_ fo1_ sbp_ \
      xai- ico- EZAK EZTK phx_ phc_ API- cfut_ cfat_ cfk_ apify_api_
      """
    ),
    (
      30,
      """
      npm_ pypi- rubygems_ ATATT3 ATCTT3 AIza dop_v1_ doo_v1_ dor_v1_ glc_ pul- dapi fm1r_ fm1a_ fm2_ \
      pscale_tkn_ pscale_pw_ pscale_oauth_ xkeysib- AKCp cmVmd ntn_ ops_ AQVN ABSK api_org_ key- SCT \
      duffel_test_ duffel_live_ shippo_live_ shippo_test_ pcsk_ CLOJARS_ aio_
      """
    ),
  ]
  private static let shapes = prefixes.flatMap { length, text in
    text.split(separator: " ").map { Shape(String($0), length) }
  }
  /// The prefixes of tokens that consist of parts with dots between them.
  private static let dotted: [Shape] = [
    .init("SG.", 20), .init("hvs.", 20), .init("hvb.", 20), .init("hvr.", 20), .init("ya29.", 20),
    .init("dp.pt.", 30), .init("dp.st.", 30), .init("dp.ct.", 30), .init("dt0c01.", 40),
    .init("dt0s16.", 40), .init("sl.", 100), .init("VF.", 36), .init("sk.eyJ", 40),
    .init("xoxe.", 30),
    .init("t1.", 60),
  ]
  private static let byFirst: [[Shape]] = (0...255).map { byte in
    shapes.filter { Int($0.prefix[0]) == byte }
  }
  private static let dottedByFirst: [[Shape]] = (0...255).map { byte in
    dotted.filter { Int($0.prefix[0]) == byte }
  }
  /// The last words of prefixes such as `service_live_`, which many services have.
  private static let kinds: Set<String> = [
    "live", "test", "prod", "pat", "tkn", "token", "secret", "sec", "sk", "oat", "aat", "sat",
    "api",
  ]

  /// Finds the secret part of such a token.
  ///
  /// - Parameters:
  ///   - word: the word in `line` that may contain a token.
  ///   - line: the line.
  /// - Returns: nil when the word contains none.
  static func secret(in word: ArraySlice<UInt8>, of line: [UInt8]) -> Range<Int>? {
    if let secret = StructuredTokens.secret(at: word, in: line) { return secret }
    for start in word.indices where start == word.startIndex || !word[start - 1].isAlphanumeric {
      for shape in byFirst[Int(word[start])] where word[start...].starts(with: shape.prefix) {
        let secret = word[(start + shape.prefix.count)...]
        if secret.count >= shape.minimumLength, isMixed(secret.prefix(512)) {
          return secret.startIndex..<secret.endIndex
        }
      }
      for shape in dottedByFirst[Int(word[start])] where line[start...].starts(with: shape.prefix) {
        let secret = line[(start + shape.prefix.count)...].prefix(4096).prefix {
          $0.isWord || $0 == UInt8(ascii: ".")
        }
        if secret.count >= shape.minimumLength { return secret.startIndex..<secret.endIndex }
      }
    }
    return generic(word)
  }

  /// Finds a token of an unknown service, such as `service_live_` and a key.
  private static func generic(_ word: ArraySlice<UInt8>) -> Range<Int>? {
    guard word.count >= 26, let sign = word.lastIndex(of: UInt8(ascii: "_")) else { return nil }
    let secret = word[(sign + 1)...]
    let kind = word[..<sign].suffix(7).split(separator: UInt8(ascii: "_")).last ?? []
    guard (20...200).contains(secret.count), Randomness.isGenerated(secret, atLeast: 20),
      kinds.contains(kind.lowercasedText), !word.starts(with: "pk_")
    else { return nil }
    return secret.startIndex..<secret.endIndex
  }

  /// Whether a part of the text is neither a word nor a number. Names may consist of many words.
  private static func isMixed(_ text: ArraySlice<UInt8>) -> Bool {
    text.split { !$0.isAlphanumeric }.contains { part in
      guard part.count >= 6, part.contains(where: { $0.isLetter }) else { return false }
      let digits = part.count(where: \.isDigit)
      let capitals = part.dropFirst().count(where: \.isUppercase)
      return digits >= 1 && (part.count >= 10 || digits >= 2)
        || capitals >= 2 && capitals < part.count - 1 || part.count >= 24
    }
  }
}
