internal import Configuration
internal import Linux
internal import ReleaseModel
internal import Text

/// Asks an address with the host's curl, see curl(1).
struct HTTPRequest {
  private static let tool = "curl"
  /// Before the status, on a line of its own.
  private static let statusWord = "status "

  private let probe: Configuration.HTTPProbe
  private let caller: CallerEnvironment

  init(_ probe: Configuration.HTTPProbe, _ caller: CallerEnvironment) {
    self.probe = probe
    self.caller = caller
  }

  /// - Parameters:
  ///   - seconds: how long it may take.
  ///   - stop: asked some ten times a second.
  func run(within seconds: Double, stop: () -> Bool) -> HealthProbe.Result {
    guard let program = HostProgram.find(Self.tool, in: caller.programDirectories) else {
      return HealthProbe.Result(
        problem: "this host has no curl; install it, or check health with a 'command'",
        answer: nil, isFinal: true)
    }
    do throws(SystemError) {
      let nothing = try Descriptor.open("/dev/null")
      let process = try CapturedProcess(
        program, arguments(within: seconds), environment: HostProgram.environment, input: nothing)
      // It ends by itself; should it not, it is ended.
      let result = try process.result(within: seconds + 1, stop: stop)
      return evaluate(result, within: seconds)
    } catch {
      return HealthProbe.Result(problem: "can't run \(program): \(error)", answer: nil)
    }
  }

  /// Its own words and the status go to standard output, the answer to standard error: so neither
  /// can be taken for the other, whatever the answer is.
  private func arguments(within seconds: Double) -> [String] {
    let limit = max(Double(Int(seconds * 1000)) / 1000, 0.1)
    let socket = probe.unixSocket.map { ["--unix-socket", $0] } ?? []
    return [
      Self.tool, "-q", "--silent", "--show-error", "--globoff", "--stderr", "-",
      "--output", "/proc/self/fd/2", "--write-out", "\n\(Self.statusWord)%{http_code}\n",
      "--max-time", "\(limit)", "--proto", "=http,https", "--user-agent", "releases",
    ] + socket + ["--url", probe.url]
  }

  private func evaluate(
    _ result: CapturedProcess.Result, within seconds: Double
  ) -> HealthProbe.Result {
    let lines = result.output.split(separator: UInt8(ascii: "\n")).map { printable($0) }
    let status =
      lines.last { $0.hasPrefix(Self.statusWord) }
      .flatMap { Int($0.dropFirst(Self.statusWord.count)) } ?? 0
    let answer = HTTPAnswer(status: status, body: result.errors, from: place)
    let problem: String?
    switch result.ending {
    case .exited(0)?: problem = answer.problem(for: probe)
    case .exited(7)?: problem = "nothing takes connections at \(place)"
    case .exited(28)? where status == 0, nil:
      problem = "no answer from \(place) within \(elapsed(seconds))"
    case .exited(28)?: problem = "the answer from \(place) was not over within \(elapsed(seconds))"
    case .exited(52)?: problem = "\(place) took the connection, and closed it without an answer"
    case .exited, .signaled:
      let said = lines.first { $0.hasPrefix("curl: ") } ?? "curl ended without a word"
      problem = "can't ask \(place): \(said)"
    }
    return HealthProbe.Result(problem: problem, answer: answer.excerpt)
  }

  /// For messages: without the name and password that an address may hold.
  private var place: String {
    let socket = probe.unixSocket.map { " at \($0)" } ?? ""
    let url = Substring(probe.url).utf8
    guard let scheme = url.firstRange(of: "://".utf8)?.upperBound,
      let at = url[scheme...].prefix(while: { !"/?#".utf8.contains($0) }).lastIndex(of: 0x40)
    else { return probe.url + socket }
    return "\(Substring(url[..<scheme]))\(Substring(url[url.index(after: at)...]))\(socket)"
  }
}
