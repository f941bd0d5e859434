package import Linux

/// An archive that was not unpacked, and why.
package struct ArchiveError: Error, Hashable, Sendable {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// A well-formed archive holds something that is not allowed.
    case rejected(Rule)
    /// The input ends too early.
    case truncated
    /// No archive, an unknown format, or a damaged one; the text says what was found.
    case unreadable(String)
    /// The input is another one than was asked for.
    case digestMismatch(expected: Digest, found: Digest)
    /// The input has another length than was asked for, both in bytes.
    case sizeMismatch(expected: Int64, found: Int64)
    /// A system call failed, on the input or on the stage.
    case system(SystemError)
    /// The process that unpacks ended before it was done; the text says how.
    case workerEnded(String)
    /// Whoever looks after the room let it go no further, see ``SpaceWatch``.
    case stopped
  }

  package let code: Code
  /// The member it is about, as the archive spells it, escaped for display; nil when it is about
  /// the archive as a whole.
  package let member: String?

  package init(_ code: Code, member: String? = nil) {
    self.code = code
    self.member = member
  }

  init(_ code: Code, member name: [UInt8]) {
    self.init(code, member: displayed(name))
  }

  init(_ error: SystemError) { self.init(.system(error)) }

  /// One sentence for a person: lower case, no final period, safe to print on a terminal.
  package var message: String {
    guard let member else { return reason }
    return "member '\(member)': \(reason)"
  }

  private var reason: String {
    switch code {
    case .rejected(let rule): rule.reason
    case .truncated: "the archive is truncated"
    case .unreadable(let what): what
    case .digestMismatch(let expected, let found):
      "the archive's sha-256 is \(found.hex), not \(expected.hex)"
    case .sizeMismatch(let expected, let found):
      "the archive has \(found) bytes, not \(expected)"
    case .system(let error): error.description
    case .workerEnded(let how): "the process that unpacks \(how)"
    case .stopped: "the unpacking was stopped"
    }
  }
}

/// Names from an archive with everything escaped that a terminal could take as a command.
func displayed(_ name: some Sequence<UInt8>) -> String {
  var text = ""
  for scalar in String(decoding: Array(name), as: UTF8.self).unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
      text += "\\u{\(String(scalar.value, radix: 16))}"
    default:
      text.unicodeScalars.append(scalar)
    }
  }
  return text
}

/// Runs something of the `Linux` module under this module's error.
func system<Result: ~Copyable>(
  _ body: () throws(SystemError) -> Result
) throws(ArchiveError) -> Result {
  do throws(SystemError) { return try body() } catch { throw ArchiveError(error) }
}

/// Names the member in whatever the body throws, unless the error does so already.
func naming<Result>(
  _ name: [UInt8], _ body: () throws(ArchiveError) -> Result
) throws(ArchiveError) -> Result {
  do throws(ArchiveError) {
    return try body()
  } catch {
    throw error.member == nil ? ArchiveError(error.code, member: name) : error
  }
}
