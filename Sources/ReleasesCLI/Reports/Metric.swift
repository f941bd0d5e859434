internal import Text

/// One metric in the text format of Prometheus (exposition format 0.0.4).
struct Metric: Sendable {
  enum Kind: String, Sendable { case gauge, counter }

  struct Sample: Sendable {
    let labels: [(name: String, value: String)]
    let value: Double
  }

  /// The name, which ends in the base unit of the value.
  let name: String
  let kind: Kind
  /// The description; one phrase without a final period.
  let help: String
  var samples: [Sample] = []

  init(_ name: String, _ kind: Kind = .gauge, help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// Returns the metric with one more sample; without one for an unknown value, which is not zero.
  func with(_ value: Double?, _ labels: KeyValuePairs<String, String> = [:]) -> Metric {
    guard let value else { return self }
    var metric = self
    metric.samples.append(
      Sample(labels: labels.map { (name: $0.key, value: $0.value) }, value: value))
    return metric
  }

  /// Returns the metric with one more label in every sample, before the others.
  func labeled(_ name: String, _ value: String) -> Metric {
    var metric = self
    metric.samples = samples.map {
      Sample(labels: [(name: name, value: value)] + $0.labels, value: $0.value)
    }
    return metric
  }

  /// The lines of the metric; empty when it has no sample.
  var text: String {
    if samples.isEmpty { return "" }
    return "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
      + samples.map { "\(name)\(Self.labels($0)) \(Self.number($0.value))\n" }.joined()
  }

  private static func labels(_ sample: Sample) -> String {
    if sample.labels.isEmpty { return "" }
    let pairs = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in Message(verbatim: text).text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Returns a number, without a fraction or exponent if it is whole, so that it stays readable.
  private static func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return String(whole) }
    return String(value)
  }
}
