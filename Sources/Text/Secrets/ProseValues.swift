/// Recognizes sentences about secrets after a colon, such as `password: must not be empty`.
enum ProseValues {
  /// Words that alone say how it stands with a secret.
  private static let states: Set<String> = [
    "required", "optional", "invalid", "missing", "expired", "revoked", "unset", "empty", "valid",
    "changed", "unchanged", "refreshed", "rotated", "unauthorized", "forbidden", "rejected",
    "mismatch", "mismatched", "eof", "disabled", "enabled", "loaded", "found", "set", "configured",
    "denied", "incorrect", "wrong", "unknown", "failed", "failure", "timeout", "hidden", "ok",
    "unavailable", "verified", "accepted", "updated", "created", "deleted", "generated", "provided",
    "present", "absent", "not", "unconfigured", "passed", "success", "skipped", "unsupported",
    "malformed", "blank",
    "redacted", "omitted", "removed", "installed", "unauthenticated", "outdated", "stale", "saved",
    "stored", "none.", "error", "cleared", "reset", "requested", "supplied", "done", "yes", "no",
    "pending", "mounted", "synced", "deployed", "unreadable", "encrypted",
  ]
  /// Words that alone are what a header or an attribute has instead of a secret.
  private static let schemes: Set<String> = [
    "strict", "lax", "bearer", "basic", "digest", "negotiate", "ntlm",
  ]
  /// Words that occur in sentences about secrets, but not in passwords of several words.
  private static let markers: Set<String> = [
    "must", "cannot", "can't", "couldn't", "can", "not", "should", "shouldn't", "is", "was", "are",
    "were", "has", "have", "been", "does", "doesn't", "isn't", "wasn't", "hasn't", "didn't", "did",
    "refused", "unable", "unexpected", "match", "permission", "exist", "exists", "length",
    "characters", "chars", "least", "too", "short", "weak", "allowed", "supported", "available",
    "successfully", "minimum", "maximum", "contain", "contains", "such", "timed", "please", "will",
    "could", "failed", "while", "because", "neither", "only", "may", "would", "expects", "expected",
    "expecting", "got", "specified", "cannot.", "field", "enter", "aborted", "succeeded", "needs",
    "desc", "already", "in-use", "ignored", "no", "denied:", "returned", "via", "already.", "used",
    "exceeded", "from", "exit", "status", "unrecognized",
  ]
  /// Beginnings of words in Chinese sentences about secrets.
  private static let foreign = [
    "不能", "不得", "不可", "不足", "不存在", "不正确", "不匹配", "不一致", "不允许", "不支持", "为空", "错误", "无效",
    "过期", "失效", "未", "已", "请", "必须", "必填", "必需", "失败", "成功", "缺少", "缺失", "应", "需", "长度", "至少",
    "没有", "太短", "太弱", "过短", "正确", "有效", "可用", "通过", "拒绝", "异常", "正在", "无法", "中", "强", "弱", "高",
    "低", "无", "空", "是", "否", "自动", "从", "由", "隐藏", "略", "个", "位", "天", "小时", "分钟", "见", "禁用", "启用",
    "正常", "丢失", "超时",
  ]

  static func contains(_ value: SecretCandidate, name: SecretName) -> Bool {
    if value.text.first == UInt8(ascii: "[") { return isListOfSentences(value, name) }
    if isForeignSentence(value) { return true }
    if value.isQuoted { return isSentence(value.text, isQuoted: true) }
    guard value.form == .colon, value.isSpaced || name.isForeign else { return false }
    if let single = value.single, !single.isEmpty {
      let text = single.trimmingEnd(".:!?").lowercasedText
      if states.contains(text) || schemes.contains(text) { return true }
      return single.last == UInt8(ascii: ":") && single.count > 1
        && single.dropLast().allSatisfy { $0.isLetter }
    }
    return isSentence(value.text, isQuoted: false)
  }

  /// Whether a text of several words is a sentence without anything that may be a password.
  private static func isSentence(_ text: ArraySlice<UInt8>, isQuoted: Bool) -> Bool {
    // In YAML, a comment may follow the value.
    var text = text
    if let comment = text.indices.first(where: {
      text[$0] == UInt8(ascii: "#") && $0 > text.startIndex && text[$0 - 1].isBlank
    }) {
      text = text[..<comment]
    }
    let words = text.split { $0.isBlank }.prefix(24)
    guard words.count >= (isQuoted ? 3 : 2) else { return false }
    var hasMarker = false
    for word in words {
      let plain = word.drop { $0.isQuote || $0 == UInt8(ascii: "(") }.trimmingEnd(".,:;!?)\"'")
      if Randomness.isStrong(plain) { return false }
      let lower = plain.lowercasedText
      if markers.contains(lower) || states.contains(lower) { hasMarker = true }
    }
    let hasState = words.contains { word in
      states.contains(word.drop { $0.isQuote }.trimmingEnd(".,:;!?)\"'").lowercasedText)
    }
    let articles = ["the", "a", "an", "this", "its", "your"]
    if words.count >= 4, text.trimmed.last == UInt8(ascii: "."), let first = words.first,
      articles.contains(first.lowercasedText)
    {
      hasMarker = true
    }
    guard hasMarker, hasState || words.count(where: { $0.contains { $0.isLetter } }) >= 3,
      let first = words.first
    else { return false }
    let plain = first.trimmingEnd(".,:;!?")
    // A value may precede a remark: `password: hunter2 (must be changed)`.
    let isStatus = plain.count == 3 && "45".utf8.contains(plain.first ?? 0) && hasState
    return !Randomness.isMadeUp(plain) && (isStatus || !plain.allSatisfy(\.isDigit))
  }

  /// Whether the value is a list of sentences, with which a service rejects a field.
  private static func isListOfSentences(_ value: SecretCandidate, _ name: SecretName) -> Bool {
    let text = value.text.dropFirst().drop { $0.isBlank || $0.isQuote || $0 == UInt8(ascii: "\\") }
    let end = text.firstIndex { $0.isQuote || $0 == UInt8(ascii: "]") } ?? text.endIndex
    return isSentence(text[..<end].trimmingEnd("\\"), isQuoted: true)
      || states.contains(text[..<end].trimmingEnd("\\.").lowercasedText)
  }

  /// Whether the value is a sentence in Chinese.
  private static func isForeignSentence(_ value: SecretCandidate) -> Bool {
    guard let first = value.text.first else { return false }
    let text = value.text.prefix(96)
    guard first.isForeign else {
      // A number with a unit, as in "8 位".
      let rest = text.drop { $0.isDigit || $0 == UInt8(ascii: "-") }.drop { $0.isBlank }
      return first.isDigit && rest.first.map { $0.isForeign } == true && rest.count < 24
        && ["位", "个", "天", "小时", "分钟", "次", "字符", "秒"].contains { rest.starts(with: $0) }
    }
    guard value.form != .assignment else { return false }
    let words = text.split { !$0.isForeign && !$0.isLetter && !$0.isDigit }
    if words.prefix(6).contains(where: { Randomness.isStrong($0) }) { return false }
    // No password is as long, or has a comma between words.
    if value.text.prefix(64).count(where: \.isForeign) > 40 || text.contains("。") { return true }
    let head = text.prefix(60)
    return foreign.contains { marker in
      // Short markers are words of their own at the beginning.
      marker.utf8.count > 3 ? head.contains(marker) : head.starts(with: marker)
    }
  }
}
