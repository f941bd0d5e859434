package import Linux

/// The reason why an archive was not unpacked.
package struct ArchiveError: Error, Hashable, Sendable {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// A well-formed archive contains something that is not allowed.
    case rejected(Rule)
    /// The input ends too early.
    case truncated
    /// The input is corrupt. The text describes what was found.
    case unreadable(String)
    /// The input is not an archive that can be unpacked.
    case unsupported(UnsupportedInput)
    /// The input is not the expected archive.
    case digestMismatch(expected: Digest, found: Digest)
    /// The input does not have the expected size; both in bytes.
    case sizeMismatch(expected: Int64, found: Int64)
    /// A system call failed, on the input or on the stage.
    case system(SystemError)
    /// The unpack worker did not finish. The text says how it ended.
    case workerEnded(String)
    /// The host lacks layers of the sandbox, and all of them are required.
    case sandboxIncomplete([Sandbox.MissingLayer])
    /// The sender paused for longer than this, in seconds.
    case senderPaused(Int)
    /// The archive took longer than this to arrive, in seconds.
    case senderTooSlow(Int)
    /// The caller stopped the unpacking; see ``SpaceWatch``.
    case stopped
  }

  /// What has failed.
  package let code: Code
  /// The name of the member in question, escaped for display; nil when the error concerns the whole
  /// archive.
  package let member: String?
  /// The target of the symbolic link in question, escaped for display; nil when the error does not
  /// concern a target.
  package let target: String?

  package init(_ code: Code, member: String? = nil, target: String? = nil) {
    self.code = code
    self.member = member
    self.target = target
  }

  init(_ code: Code, member name: [UInt8]) {
    self.init(code, member: displayed(name))
  }

  init(_ error: SystemError) { self.init(.system(error)) }

  /// Returns the message for a person, in lower case without a final period, safe to print on a
  /// terminal.
  ///
  /// - Parameter limits: the limits with which the archive was unpacked.
  /// - Returns: the message.
  package func message(within limits: UnpackLimits = UnpackLimits()) -> String {
    let what = reason(within: limits)
    let reason = target.map { "\(what): \($0)" } ?? what
    return member.map { "member '\($0)': \(reason)" } ?? reason
  }

  private func reason(within limits: UnpackLimits) -> String {
    switch code {
    case .rejected(let rule): rule.reason(within: limits)
    case .truncated: "the archive is truncated"
    case .unreadable(let what): what
    case .unsupported(let input): input.reason
    case .digestMismatch(let expected, let found):
      "the archive's sha-256 is \(found.hex), not \(expected.hex)"
    case .sizeMismatch(let expected, let found):
      found < expected
        ? "the archive ended after \(found) of \(expected) bytes"
        : "the archive has \(found) bytes, not \(expected)"
    case .system(let error): error.description
    case .workerEnded(let how): "the unpack worker \(how)"
    case .sandboxIncomplete(let missing):
      "the sandbox lacks "
        + missing.map { "\($0.layer.rawValue) (\($0.reason))" }
        .joined(separator: ", ")
    case .senderPaused(let seconds): "the archive is incomplete: nothing arrived for \(seconds) s"
    case .senderTooSlow(let seconds): "the archive did not arrive within \(seconds) s"
    case .stopped: "unpacking was stopped"
    }
  }
}

/// Returns text from an archive in which all characters are escaped that can control a terminal.
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

/// Runs code of the target Linux and converts its error.
///
/// - Throws: `ArchiveError` in place of the `SystemError` of the body.
func withArchiveError<Result: ~Copyable>(
  _ body: () throws(SystemError) -> Result
) throws(ArchiveError) -> Result {
  do throws(SystemError) { return try body() } catch { throw ArchiveError(error) }
}

/// Adds the name of the member to the error that the body throws, unless the error has one.
///
/// - Throws: the error of the body, with the name.
func naming<Result>(
  _ name: [UInt8], _ body: () throws(ArchiveError) -> Result
) throws(ArchiveError) -> Result {
  do throws(ArchiveError) {
    return try body()
  } catch {
    if error.member != nil { throw error }
    throw ArchiveError(error.code, member: displayed(name), target: error.target)
  }
}
