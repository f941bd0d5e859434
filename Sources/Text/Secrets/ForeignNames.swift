/// Recognizes the names of secrets in Chinese, and what stands between them and their values.
enum ForeignNames {
  private static let names = [
    "密码", "口令", "密钥", "秘钥", "令牌", "私钥", "密匙", "凭证", "凭据", "暗号", "密碼", "金鑰", "權杖", "授权码", "验证码",
    "提取码", "激活码", "访问码", "口令码", "动态码", "校验码", "密鑰", "パスワード", "비밀번호", "签名串", "助记词",
  ].map { Array($0.utf8) }
  /// Parts of names of properties of a secret.
  private static let descriptions = [
    "强度", "长度", "策略", "有效期", "类型", "文件", "路径", "数量", "时间", "管理", "次数", "错误", "失败", "复杂", "规则", "提示",
    "状态", "服务", "版本", "过期", "不", "桶", "轮换", "刷新", "编号", "格式", "学", "算法", "检查", "校验", "验证", "认证",
    "登录", "是否", "缺", "未", "目录", "位置", "名", "种类", "来源", "接口", "地址", "更新于", "剩余", "无", "成功", "完成",
    "单号",
    "登陆", "配置项", "字段", "框", "库", "工厂", "机制", "交换", "泄", "安全", "权限", "过大",
  ]
  private static let copulas = ["为", "是", "成", "即"].map { Array($0.utf8) }
  private static let questions = ["是否", "为了", "成功", "为空", "是什么", "即将"]

  /// Returns the name that begins at a position; nil when there is none.
  static func name(in line: [UInt8], at index: Int) -> SecretName? {
    let rest = line[index...]
    guard let name = names.first(where: { rest.starts(with: $0) }) else { return nil }
    let text = String(decoding: name, as: UTF8.self)
    return SecretName(
      range: index..<(index + name.count), kind: .certain,
      isPassword: ["密码", "口令", "密碼"].contains(text) || text.hasSuffix("码"), isForeign: true)
  }

  /// What follows a name.
  struct Value {
    var start: Int
    /// Whether a sign separates the value, rather than a verb or nothing.
    var hasSign: Bool
  }

  /// Finds the value of a name, after a sign or a verb and possibly other words.
  static func value(of name: SecretName, in line: [UInt8]) -> Value? {
    var index = name.range.upperBound
    let limit = min(line.count, index + 64)
    var gap = line[index..<index]
    while index < limit {
      let rest = line[index...]
      let byte = line[index]
      if ":=".utf8.contains(byte) || rest.starts(with: "->") || rest.starts(with: "→") {
        guard !described(gap), let value = sign(after: index, in: line) else { return nil }
        // A sentence follows other words.
        return !gap.isEmpty && line[value.start].isForeign ? nil : value
      }
      if byte == UInt8(ascii: "("),
        let end = rest.prefix(40).firstIndex(of: UInt8(ascii: ")"))
      {
        index = end + 1
        continue
      }
      if let copula = copulas.first(where: { rest.starts(with: $0) }),
        !questions.contains(where: { rest.starts(with: $0) })
      {
        var next = index + copula.count
        if line[next...].starts(with: "了") { next += 3 }
        let value = next + line[next...].prefix { $0.isBlank || ":".utf8.contains($0) }.count
        if described(gap) || value >= line.count { return nil }
        return Value(start: value, hasSign: line[next..<value].contains(UInt8(ascii: ":")))
      }
      if byte.isForeign {
        index += 1
        gap = line[name.range.upperBound..<index]
      } else if gap.isEmpty, byte.isBlank || byte.isQuote || "[]".utf8.contains(byte) {
        let next = index + rest.prefix { $0.isBlank || "[]\"'".utf8.contains($0) }.count
        guard next < line.count else { return nil }
        if ":=".utf8.contains(line[next]) { return sign(after: next, in: line) }
        return Value(start: byte.isQuote ? index : next, hasSign: false)
      } else if gap.isEmpty, byte.isAlphanumeric {
        return Value(start: index, hasSign: false)
      } else if byte.isBlank {
        index += 1
      } else {
        return nil
      }
    }
    return nil
  }

  private static func sign(after index: Int, in line: [UInt8]) -> Value? {
    var start = index
    start += line[start...].prefix { ":=->".utf8.contains($0) || $0 >= 0xE2 && $0 < 0xE3 }.count
    if line[index...].starts(with: "→") { start = index + 3 }
    start += line[start...].prefix { $0.isBlank }.count
    return start < line.count ? Value(start: start, hasSign: true) : nil
  }

  private static func described(_ gap: ArraySlice<UInt8>) -> Bool {
    descriptions.contains { gap.contains($0) }
  }
}

extension SecretScanner {
  /// Copies the name of a secret in Chinese and masks its value.
  mutating func scanForeignName(_ name: SecretName) {
    addName(name.range)
    guard let found = ForeignNames.value(of: name, in: line) else {
      return copy(to: name.range.upperBound)
    }
    let start = found.start
    let value = SecretCandidate(line, from: start, form: .colon, isSpaced: true)
    if HarmlessValues.contains(value, name: name, in: line) || start >= line.count {
      return copy(to: name.range.upperBound)
    }
    let word = line[start...].prefix(256).prefix {
      !$0.isBlank && !$0.isForeign && $0 != UInt8(ascii: ",")
    }
    if !found.hasSign, !value.isQuoted {
      let isAlone =
        value.single != nil && word.count >= 6 && name.isPassword
        && word.contains { $0.isLetter && !$0.isUppercase }
      let isNumber = name.isPassword && (4...12).contains(word.count) && word.allSatisfy(\.isDigit)
      guard
        Randomness.isMadeUp(word) || Randomness.isGenerated(word, atLeast: 10) || isAlone
          || isNumber,
        !Randomness.isAddress(word)
      else { return copy(to: name.range.upperBound) }
      // Another name follows.
      if word.contains(where: { "=:|".utf8.contains($0) }) {
        return copy(to: name.range.upperBound)
      }
      copy(to: start)
      return mask(to: word.endIndex)
    }
    // The quote after the name ends a string.
    if line[name.range.upperBound].isQuote, found.hasSign { quoteDepth = nil }
    if maskQuoted(start) { return }
    copy(to: start)
    let end = endOfPlain(.colon, isFirst: true, isQuery: false)
    if end > start { mask(to: end) }
  }
}
