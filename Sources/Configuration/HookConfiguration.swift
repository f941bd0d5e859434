package import ReleaseModel
internal import Text

extension Configuration {
  /// A command that a hook or a health check runs.
  package enum Command: Equatable, Sendable {
    /// A line for `/bin/sh -c`; not blank.
    case shell(String)
    /// A program and its arguments, run without a shell; neither the list nor the program is empty.
    case arguments([String])
  }

  /// The hooks that run during the life of a release; nil if none is configured.
  package struct Hooks: Equatable, Sendable {
    /// Makes an unpacked release ready.
    package var prepare: Hook?
    /// Makes the service use the release that has become live.
    package var activate: Hook?
    /// Runs after a switch was confirmed. Its result does not affect the switch.
    package var succeeded: Hook?
    /// Runs after a switch failed. Its result does not affect the switch.
    package var failed: Hook?

    package init() {}
  }

  /// A command with a time limit.
  package struct Hook: Equatable, Sendable {
    package var run: Command
    /// The time limit; more than 0.
    package var timeout: TimeSpan

    package init(run: Command, timeout: TimeSpan = TimeSpan(seconds: 600)) {
      self.run = run
      self.timeout = timeout
    }
  }

  /// The health check that confirms a new live release.
  package struct Health: Equatable, Sendable {
    /// The probe that is repeated until it succeeds.
    package enum Probe: Equatable, Sendable {
      case http(HTTPProbe)
      /// A command that exits with status 0 when the release is healthy.
      case command(Command)
      /// A process accepts connections at the Unix socket with this path, which may contain
      /// ``HealthVariable/id``.
      case socket(String)
    }

    package var probe: Probe
    /// The time limit from the first probe to the last success; more than 0.
    package var timeout = TimeSpan(seconds: 60)
    /// The time between two probes; more than 0. It is shorter before the first success.
    package var interval = Interval(seconds: 1)
    /// How many probes in a row must succeed; 1 or more.
    package var successes = 1
    /// How many deaths of the release are tolerated while it starts; 0 or more.
    package var restarts = 0

    package init(probe: Probe) { self.probe = probe }
  }

  /// An HTTP request and the expected response. Its texts may contain variables; see
  /// ``HealthVariable``.
  package struct HTTPProbe: Equatable, Sendable {
    /// The URL, which begins with `http://` or `https://`.
    package var url: String
    /// The absolute path of the Unix socket to which the request is sent; nil for the URL's host.
    package var unixSocket: String?
    /// The expected status; 100 to 599.
    package var status = 200
    /// The members that the response, a JSON object, must have; empty for any response.
    package var json: [String: JSONScalar] = [:]
    /// A string that the response must contain.
    package var body: String?

    package init(url: String) { self.url = url }
  }
}

/// A JSON value other than an object or array.
package enum JSONScalar: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
}

extension JSONScalar: CustomStringConvertible {
  /// The value as JSON, truncated, for messages.
  package var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    case .text(let text): "\"\(excerpt(text))\""
    }
  }
}

/// The variables that the texts of a health check may contain.
package enum HealthVariable {
  /// The ID of the release that is checked.
  package static let id = "${RELEASES_ID}"
  /// The ref of that release.
  package static let ref = "${RELEASES_REF}"
  static let all = [id, ref]
  /// What all variables begin with.
  static let prefix = "${RELEASES_"
}
