internal import Configuration
internal import FoundationEssentials
internal import Text

/// The part of the response to a health check's request that was kept.
struct HTTPResponse {
  /// How much of a body is kept, in bytes.
  private static let limit = 1 << 20

  /// The HTTP status; 0 when there was no response.
  let status: Int
  let body: [UInt8]
  /// The URL that it comes from, for messages.
  let address: String

  init(status: Int, body: [UInt8], from address: String) {
    self.status = status
    self.body = body
    self.address = address
  }

  /// The beginning of the body as one printable line, with masked secrets; nil for an empty body.
  var excerpt: String? {
    // The masking sees more than is shown, since the end of a secret may tell what it is.
    let start = body.drop { $0 <= UInt8(ascii: " ") }.prefix(16 << 10)
    let newline = UInt8(ascii: "\n")
    let lines = start.split { (newline...UInt8(ascii: "\r")).contains($0) }
    let text = printableLine(
      Outgoing.lines(Array(lines.joined(separator: [newline]))).prefix(2000))
    return text.isEmpty ? nil : text
  }

  /// Returns how the response differs from what is configured, in one line; nil when it does not.
  func problem(for probe: Configuration.HTTPProbe) -> Message? {
    if status != probe.status {
      return "\(address) answered with status \(status), not \(probe.status)"
    }
    if !probe.json.isEmpty, let problem = problem(for: probe.json) { return problem }
    if let text = probe.body, body.firstRange(of: Array(text.utf8)) == nil {
      return "the response from \(address) does not contain '\(excerptOf(text))'"
    }
    return nil
  }

  private func problem(for wanted: [String: JSONScalar]) -> Message? {
    guard body.count < Self.limit else {
      return "the response from \(address) is larger than 1 MiB"
    }
    guard let found = try? JSONDecoder().decode([String: JSONMember].self, from: Data(body)) else {
      return "the response from \(address) is not a JSON object"
    }
    for (name, wanted) in wanted.sorted(by: { $0.key < $1.key }) {
      let shown = "'\(excerptOf(name))'"
      let value = Outgoing.value("\(wanted)", named: name)
      switch found[name] {
      case nil: return "the response from \(address) has no \(shown), which should be \(value)"
      case .scalar(wanted)?: continue
      case .scalar(let other)?:
        let other = Outgoing.value("\(other)", named: name)
        return "in the response from \(address), \(shown) is \(other), not \(value)"
      case .list?: return "in the response from \(address), \(shown) is a list, not \(value)"
      case .object?: return "in the response from \(address), \(shown) is an object, not \(value)"
      }
    }
    return nil
  }

  private func excerptOf(_ text: String) -> String { Text.excerpt(text) }
}

/// A member of a JSON object. The content of lists and objects is not decoded.
private enum JSONMember: Decodable {
  case scalar(JSONScalar)
  case list
  case object

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if (try? decoder.container(keyedBy: AnyKey.self)) != nil {
      self = .object
      return
    }
    if (try? decoder.unkeyedContainer()) != nil {
      self = .list
      return
    }
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .scalar(.null)
    } else if let boolean = try? value.decode(Bool.self) {
      self = .scalar(.boolean(boolean))
    } else if let number = try? value.decode(Double.self) {
      self = .scalar(.number(number))
    } else {
      self = .scalar(.text(try value.decode(String.self)))
    }
  }
}
