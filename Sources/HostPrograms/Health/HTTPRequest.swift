internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// A request of a health check, made with the host's curl; see curl(1).
struct HTTPRequest {
  private static let tool = "curl"
  /// What curl prints in front of the HTTP status, on a line of its own.
  private static let statusPrefix = "status "
  /// What curl prints in front of both ends of the connection, on a line of its own.
  private static let peerPrefix = "peer "

  private let probe: Configuration.HTTPProbe
  private let caller: CallerEnvironment

  init(_ probe: Configuration.HTTPProbe, _ caller: CallerEnvironment) {
    self.probe = probe
    self.caller = caller
  }

  /// Makes the request once, and compares the response with what is configured.
  ///
  /// - Parameters:
  ///   - seconds: how long it may take.
  ///   - stop: called about ten times a second.
  /// - Returns: whether the release is healthy.
  func run(within seconds: Double, stop: () -> Bool) -> HealthProbe.Result {
    guard let program = HostProgram.find(Self.tool, in: caller.programDirectories) else {
      return HealthProbe.Result(
        problem: "this host has no curl; install it, or configure a health command",
        answer: nil, isFinal: true)
    }
    do throws(SystemError) {
      let nothing = try Descriptor.open("/dev/null")
      let process = try CapturedProcess(
        program, arguments(within: seconds), environment: HostProgram.environment, input: nothing)
      // curl has its own time limit; this one is for a curl that hangs.
      let result = try process.result(within: seconds + 1, stop: stop)
      return evaluate(result, within: seconds)
    } catch {
      return HealthProbe.Result(problem: "can't run \(program): \(Message(error))", answer: nil)
    }
  }

  /// Returns the arguments of curl. Its messages and the status go to standard output and the response
  /// to standard error, so that no response can be mistaken for a message.
  private func arguments(within seconds: Double) -> [String] {
    let limit = max(Double(Int(seconds * 1000)) / 1000, 0.1)
    let socket = probe.unixSocket.map { ["--unix-socket", $0] } ?? []
    return [
      Self.tool, "-q", "--silent", "--show-error", "--globoff", "--stderr", "-",
      "--output", "/proc/self/fd/2", "--write-out",
      "\n\(Self.statusPrefix)%{http_code}\n"
        + "\(Self.peerPrefix)%{remote_ip} %{remote_port} %{local_ip}\n",
      "--max-time", "\(limit)", "--proto", "=http,https", "--user-agent", "releases",
    ] + socket + ["--url", probe.url]
  }

  private func evaluate(
    _ result: CapturedProcess.Result, within seconds: Double
  ) -> HealthProbe.Result {
    let lines = result.output.split(separator: UInt8(ascii: "\n")).map { printable($0) }
    let status =
      lines.last { $0.hasPrefix(Self.statusPrefix) }
      .flatMap { Int($0.dropFirst(Self.statusPrefix.count)) } ?? 0
    let response = HTTPResponse(status: status, body: result.errors, from: address)
    let problem: Message?
    var denial: SocketDenial?
    switch result.ending {
    case .exited(0)?: problem = response.problem(for: probe)
    case .exited(7)?:
      denial = probe.unixSocket.flatMap { SocketDenial(of: $0) }
      problem = denial?.problem ?? "connection refused: \(address)"
    case .exited(28)? where status == 0, nil:
      problem = "no response from \(address) within \(elapsed(seconds))"
    case .exited(28)?:
      problem = "the response from \(address) was not complete within \(elapsed(seconds))"
    case .exited(52)?: problem = "\(address) closed the connection without a response"
    case .exited, .signaled:
      let message = lines.first { $0.hasPrefix("curl: ") } ?? "curl ended without a message"
      problem = "the request to \(address) failed: \(message)"
    }
    return HealthProbe.Result(
      problem: problem, answer: response.excerpt.map { Message($0) },
      address: peer(lines) ?? HealthAddress(probe), denial: denial)
  }

  /// Returns the address that curl was connected to; nil when it is on another host, or there was no
  /// connection.
  private func peer(_ lines: [String]) -> HealthAddress? {
    let ends = lines.last { $0.hasPrefix(Self.peerPrefix) }?
      .dropFirst(Self.peerPrefix.count).split(separator: " ").map(String.init)
    guard let ends, ends.count == 3 else { return nil }
    return HealthAddress(remote: ends[0], port: ends[1], local: ends[2])
  }

  /// The URL for messages, without the user name and password that it may contain.
  private var address: String {
    let socket = probe.unixSocket.map { " at \($0)" } ?? ""
    let url = Substring(probe.url).utf8
    guard let scheme = url.firstRange(of: "://".utf8)?.upperBound,
      let at = url[scheme...].prefix(while: { !"/?#".utf8.contains($0) }).lastIndex(of: 0x40)
    else { return probe.url + socket }
    return "\(Substring(url[..<scheme]))\(Substring(url[url.index(after: at)...]))\(socket)"
  }
}
