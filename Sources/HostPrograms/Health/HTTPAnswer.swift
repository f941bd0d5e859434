internal import Configuration
internal import FoundationEssentials
internal import Linux
internal import Text

/// What came back from an address, as far as it was kept.
struct HTTPAnswer {
  /// What is kept of a body, in bytes.
  private static let limit = 1 << 20

  let status: Int
  let body: [UInt8]
  /// Where it comes from, for messages.
  let place: String

  init(status: Int, body: [UInt8], from place: String) {
    self.status = status
    self.body = body
    self.place = place
  }

  /// Its beginning, for people; nil for an empty one.
  var excerpt: String? {
    let text = printable(body.drop { $0 <= UInt8(ascii: " ") }.prefix(2000))
    return text.isEmpty ? nil : text
  }

  /// What is not as it should be, in one line; nil when all is.
  func problem(for probe: Configuration.HTTPProbe) -> String? {
    if status != probe.status {
      return "\(place) answered with status \(status), not \(probe.status)"
    }
    if !probe.json.isEmpty, let problem = problem(for: probe.json) { return problem }
    if let text = probe.body, body.firstRange(of: Array(text.utf8)) == nil {
      return "the answer from \(place) does not contain '\(excerptOf(text))'"
    }
    return nil
  }

  private func problem(for wanted: [String: JSONScalar]) -> String? {
    guard body.count < Self.limit else { return "the answer from \(place) is too long, over 1 MiB" }
    guard let found = try? JSONDecoder().decode([String: JSONMember].self, from: Data(body)) else {
      return "the answer from \(place) is no JSON object"
    }
    for (name, value) in wanted.sorted(by: { $0.key < $1.key }) {
      let shown = "'\(excerptOf(name))'"
      switch found[name] {
      case nil: return "the answer from \(place) has no \(shown), which should be \(value)"
      case .scalar(value)?: continue
      case .scalar(let other)?:
        return "in the answer from \(place) \(shown) is \(other), not \(value)"
      case .list?: return "in the answer from \(place) \(shown) is a list, not \(value)"
      case .object?: return "in the answer from \(place) \(shown) is an object, not \(value)"
      }
    }
    return nil
  }

  private func excerptOf(_ text: String) -> String { Text.excerpt(text) }
}

/// A member of a JSON object; what has parts is not looked into.
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
