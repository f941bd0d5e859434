internal import Linux
package import ReleaseModel
internal import Text

extension Configuration {
  /// A program to run.
  package enum Command: Equatable, Sendable {
    /// A line for `/bin/sh -c`; not blank.
    case shell(String)
    /// A program and its arguments, for no shell to read; neither the list nor the program is empty.
    case arguments([String])
  }

  /// What runs at the turns of a release's life; nil runs nothing.
  package struct Hooks: Equatable, Sendable {
    /// Makes an unpacked release ready.
    package var prepare: Hook?
    /// Makes the service use the release that has become live.
    package var activate: Hook?
    /// After a switch was confirmed; never changes the outcome.
    package var succeeded: Hook?
    /// After a switch failed; never changes the outcome.
    package var failed: Hook?

    /// None at all.
    package init() {}
  }

  /// A command with a time limit.
  package struct Hook: Equatable, Sendable {
    package var run: Command
    /// More than 0.
    package var timeout: TimeSpan

    package init(run: Command, timeout: TimeSpan = TimeSpan(seconds: 600)) {
      self.run = run
      self.timeout = timeout
    }
  }

  /// How a release that has just become live shows that it works.
  package struct Health: Equatable, Sendable {
    /// What is tried.
    package enum Probe: Equatable, Sendable {
      case http(HTTPProbe)
      /// Healthy when it ends with status 0.
      case command(Command)
    }

    package var probe: Probe
    /// From the first try to the last success; more than 0.
    package var timeout = TimeSpan(seconds: 60)
    /// Between two tries, of which the first follow each other faster; more than 0.
    package var interval = TimeSpan(seconds: 1)
    /// How many in a row it takes; 1 or more.
    package var successes = 1

    package init(probe: Probe) { self.probe = probe }
  }

  /// A request and what its answer must be.
  package struct HTTPProbe: Equatable, Sendable {
    /// Begins with `http://` or `https://`.
    package var url: String
    /// The absolute path of a socket that takes the request in place of the URL's host; nil for
    /// none.
    package var unixSocket: String?
    /// 100 to 599.
    package var status = 200
    /// Members the answer, a JSON object, must have; nothing is asked when empty.
    package var json: [String: JSONScalar] = [:]
    /// A text the answer must contain.
    package var body: String?

    package init(url: String) { self.url = url }
  }
}

/// A JSON value without parts.
package enum JSONScalar: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
}

extension JSONScalar: CustomStringConvertible {
  /// As JSON has it, shortened, for messages.
  package var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    case .text(let text): "\"\(excerpt(text))\""
    }
  }
}
