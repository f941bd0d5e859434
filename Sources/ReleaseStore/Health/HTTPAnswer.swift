internal import FoundationEssentials

/// A question to a service, asked by the host's curl(1).
enum HTTPRequest {
  static let tool = "curl"

  /// - Parameter seconds: how long the answer may take.
  static func words(for probe: Configuration.HTTPProbe, within seconds: Double) -> [String] {
    var words = [
      // Nobody's ~/.curlrc has a say, and no proxy stands between a host and itself.
      tool, "-q", "--noproxy", "*", "--proto", "=http,https", "--silent", "--show-error",
      "--include", "--max-time", format(seconds),
    ]
    if let socket = probe.unixSocket { words += ["--unix-socket", socket] }
    return words + ["--", probe.url]
  }

  /// With three digits after the point.
  private static func format(_ seconds: Double) -> String {
    let milliseconds = Int((max(seconds, 0.1) * 1000).rounded())
    let digits = String(1000 + milliseconds % 1000).dropFirst()
    return "\(milliseconds / 1000).\(digits)"
  }
}

/// What curl wrote: the headers and the body of an answer, or why there is none.
struct HTTPAnswer {
  /// Of headers and body, in bytes; the rest is not looked at.
  private static let limit = 1 << 20
  /// Of what is shown to people, in bytes.
  private static let excerptLength = 300

  private var bytes: [UInt8] = []

  mutating func append(_ more: [UInt8]) { bytes += more.prefix(Self.limit - bytes.count) }

  /// Its status and its body; nil when it is no answer of HTTP.
  var parts: (status: Int, body: ArraySlice<UInt8>)? {
    var rest = bytes[...]
    while rest.starts(with: "HTTP/".utf8) {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.count > 1,
        let status = Int(
          String(decoding: words[1].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)),
        let end = Self.endOfHeaders(in: rest)
      else { return nil }
      rest = rest[end...]
      // Only a provisional answer is followed by another.
      if status >= 200 { return (status, rest) }
    }
    return nil
  }

  private static func endOfHeaders(in bytes: ArraySlice<UInt8>) -> Int? {
    var lineStart = bytes.startIndex
    while let newline = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[lineStart..<newline]
      if line.isEmpty || line.elementsEqual([UInt8(ascii: "\r")]) { return newline + 1 }
      lineStart = newline + 1
    }
    return nil
  }

  /// What curl says of its failure, such as "Failed to connect to localhost port 17999".
  var failure: String? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    return lines.last { $0.starts(with: "curl: (".utf8) }.map { line in
      let rest = line.drop { $0 != UInt8(ascii: ")") }.dropFirst(2)
      return legible(rest.isEmpty ? line : rest)
    }
  }

  /// The beginning of the body, on one line.
  var excerpt: String? {
    guard let body = parts?.body, !body.isEmpty else { return nil }
    let line = body.prefix(Self.excerptLength).map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    return legible(line) + (body.count > Self.excerptLength ? "…" : "")
  }

  /// Why it is not the answer of a service that works; nil when it is.
  func problem(expecting probe: Configuration.HTTPProbe) -> String? {
    guard let (status, body) = parts else { return "\(probe.url) answers something else than HTTP" }
    if status != probe.status {
      return "\(probe.url) answered with status \(status), not \(probe.status)"
    }
    if let text = probe.body, !Self.contains(body, text) {
      return "the answer of \(probe.url) does not contain '\(text)'"
    }
    return probe.json.isEmpty ? nil : Self.difference(of: body, from: probe)
  }

  private static func contains(_ body: ArraySlice<UInt8>, _ text: String) -> Bool {
    let text = Array(text.utf8)
    guard let first = text.first else { return true }
    return body.indices.contains { body[$0] == first && body[$0...].starts(with: text) }
  }

  private static func difference(
    of body: ArraySlice<UInt8>, from probe: Configuration.HTTPProbe
  ) -> String? {
    guard let members = try? JSONDecoder().decode([String: JSONMember].self, from: Data(body))
    else { return "the answer of \(probe.url) is no JSON object" }
    for (name, wanted) in probe.json.sorted(by: { $0.key < $1.key }) {
      guard let found = members[name] else { return "the answer has no member '\(name)'" }
      if case .scalar(wanted) = found { continue }
      return "'\(name)' is \(found.description), not \(wanted.description)"
    }
    return nil
  }
}

/// A member of a JSON object, as far as it can be compared.
enum JSONMember: Decodable, Equatable {
  case scalar(JSONScalar)
  /// A list or an object.
  case compound

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .scalar(.null)
    } else if let value = try? container.decode(Bool.self) {
      self = .scalar(.boolean(value))
    } else if let value = try? container.decode(Double.self) {
      self = .scalar(.number(value))
    } else if let value = try? container.decode(String.self) {
      self = .scalar(.text(value))
    } else {
      self = .compound
    }
  }

  var description: String {
    switch self {
    case .scalar(let scalar): scalar.description
    case .compound: "a list or an object"
    }
  }
}

extension JSONScalar {
  /// As JSON has it, more or less.
  var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): String(value)
    case .number(let value):
      value == value.rounded() && abs(value) < 1e15
        ? String(Int64(value)) : String(value)
    case .text(let text): "'\(legible(text.utf8.prefix(100)))'"
    }
  }
}
