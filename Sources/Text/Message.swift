/// A sentence that leaves the program: a message, a cause, a reason, a note, or a line of output.
///
/// It is written as a string literal. What is interpolated is free text, which may come from anywhere,
/// and passes ``Outgoing``: secrets in it are masked. Identifiers are marked, and never masked:
///
///     "release \(id) failed: \(lastLine)"            // a ReleaseID is an identifier by its type
///     "can't read \(path: path): \(cause)"
///
/// Errors, notices, findings, hints and records take nothing else, so that a text can't get around the
/// boundary.
package struct Message: Sendable, ExpressibleByStringInterpolation {
  private struct Part: Sendable {
    var text: String
    let isFree: Bool
  }

  private var parts: [Part]

  /// Makes a message from free text.
  package init(_ text: String) { parts = [Part(text: text, isFree: true)] }

  /// Makes a message from an identifier, or from text that has passed the boundary before.
  package init(verbatim text: String) { parts = [Part(text: text, isFree: false)] }

  /// Makes a message from text in which some identifiers are known.
  ///
  /// - Parameters:
  ///   - text: free text.
  ///   - identifiers: what is not masked for its own form, where it is a whole word of the text.
  package init(_ text: String, keeping identifiers: [String]) {
    self.init(verbatim: Outgoing.line(text, keeping: identifiers))
  }

  package init(stringLiteral text: String) { self.init(text) }

  package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.message }

  /// The text as it may leave the program: one line without secrets, and without commands to the log of a
  /// workflow, also where an identifier or several parts make one.
  package var text: String {
    let text = parts.map { $0.isFree ? Outgoing.line($0.text) : Outgoing.identifier($0.text) }
      .joined()
    return LogCommands.neutralized(text)
  }

  /// Returns the beginning of a long message, which takes about `bytes` bytes. What of a secret is there
  /// is masked as in the whole message.
  package func beginning(_ bytes: Int) -> Message {
    var rest = bytes
    var beginning = Message(verbatim: "")
    for part in parts where rest > 0 {
      let text =
        part.text.utf8.count <= rest
        ? part.text : String(decoding: part.text.utf8.prefix(rest), as: UTF8.self)
      beginning.append(text, isFree: part.isFree)
      rest -= part.text.utf8.count
    }
    return beginning
  }

  package var isEmpty: Bool { parts.allSatisfy(\.text.isEmpty) }

  package static func + (one: Message, other: Message) -> Message {
    var sum = one
    sum.append(other)
    return sum
  }

  package static func += (one: inout Message, other: Message) { one.append(other) }

  private mutating func append(_ other: Message) {
    for part in other.parts { append(part.text, isFree: part.isFree) }
  }

  /// Adds a part. Free text is masked together with the free text before it, which may name the secret.
  private mutating func append(_ text: String, isFree: Bool) {
    if text.isEmpty { return }
    if let last = parts.indices.last, parts[last].isFree == isFree {
      parts[last].text += text
    } else {
      parts.append(Part(text: text, isFree: isFree))
    }
  }

  /// Collects the parts of a message.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var message = Message("")

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ text: String) { message.append(text, isFree: true) }

    /// Adds free text.
    package mutating func appendInterpolation(_ value: some Any) {
      message.append("\(value)", isFree: true)
    }

    /// Adds a message whose identifiers are known.
    package mutating func appendInterpolation(_ other: Message) { message.append(other) }

    /// Adds an identifier, such as an ID, a ref, a digest, a command, or a path of
    /// these.
    package mutating func appendInterpolation(verbatim identifier: some Any) {
      message.append("\(identifier)", isFree: false)
    }
  }
}

extension Message: Equatable {
  package static func == (one: Message, other: Message) -> Bool { one.text == other.text }
}

extension Message: CustomStringConvertible {
  package var description: String { text }
}

extension Message: Encodable {
  /// Encodes the text.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension Sequence<Message> {
  /// Returns one message with a separator between its parts.
  package func joined(separator: Message) -> Message {
    var joined: Message = ""
    for (number, message) in enumerated() { joined += number == 0 ? message : separator + message }
    return joined
  }
}
