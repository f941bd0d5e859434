internal import Configuration
internal import FoundationEssentials
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension Diagnosis {
  /// What the store's configuration says about the service; nil where it says nothing.
  package struct Service: Sendable {
    package var unit: String?
    /// What a health check asks.
    package var healthURL: String?

    /// Where the health check connects to.
    package var port: Int? { healthURL.flatMap { Diagnosis.port(of: $0) } }
  }

  /// Reads it; nothing where the configuration can't be read or understood.
  package func service() -> Service {
    let path = path
    let configuration = try? TimeLimit.run(seconds) {
      try? Configuration.load(directory: Descriptor.openDirectory(path), path: path)
    }
    guard let configuration, let configuration else { return Service() }
    var service = Service(unit: configuration.service)
    if case .http(let probe)? = configuration.health?.probe { service.healthURL = probe.url }
    return service
  }

  /// What systemd and the service itself say.
  package func serviceSections(_ service: Service) -> [DiagnosisSection] {
    [
      section("unit") { () throws(ReleasesError) in
        guard let unit = service.unit else { return noService }
        // 3: not running, which is an answer.
        return try answer(
          of: ["systemctl", "status", "--no-pager", "--full", "--", unit], good: [0, 3])
      },
      section("unit log") { () throws(ReleasesError) in
        guard let unit = service.unit else { return noService }
        return try answer(of: ["journalctl", "--no-pager", "-n", "50", "-u", unit])
      },
      section("health") { () throws(ReleasesError) in
        guard let url = service.healthURL else {
          return .init("\(Layout.configuration) names no health URL that can be asked\n", .missing)
        }
        var answer = try answer(
          of: [
            "curl", "-q", "--silent", "--show-error", "--include", "--globoff", "--proto",
            "=http,https", "--max-time", "\(Int(seconds))", "--url", url,
          ])
        answer.limit = 16 << 10
        return answer
      },
    ]
  }

  private var noService: DiagnosisSection.Answer {
    .init("\(Layout.configuration) names no service\n", .missing)
  }

  /// What the store's own files say, whether or not it is one.
  package func fileSections() -> [DiagnosisSection] {
    [
      section("journal") { () throws(ReleasesError) in
        guard let entry = try Store.open(path).journal.last(),
          let data = try? StoreJSON.encoder().encode(entry)
        else { return .init("the journal can't be read; see the section check\n", .failed) }
        return .init(Array(data) + [UInt8(ascii: "\n")])
      },
      section("logs") { () throws(ReleasesError) in try HookLogs.answer(path) },
      section("configuration") { () throws(ReleasesError) in
        let file = "\(path)/\(Layout.configuration)"
        return .init(
          try attempting("can't read \(file)") { () throws(SystemError) in
            try Descriptor.open(file, [.noFollow, .nonBlocking]).readAll(limit: 1 << 20)
          })
      },
      section("permissions") { () throws(ReleasesError) in
        let places =
          [path] + [Layout.releases, Layout.shared, Layout.control].map { "\(path)/\($0)" }
        return try answer(
          of: ["ls", "-la", "--"] + places.filter { (try? status(ofPath: $0)) != nil })
      },
    ]
  }

  /// The port that a URL of HTTP names, or implies.
  static func port(of url: String) -> Int? {
    let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count > 2 else { return nil }
    let authority = parts[2].prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@").last ?? authority
    let outside = host.lastIndex(of: "]").map { host[$0...] } ?? host
    if let colon = outside.lastIndex(of: ":") {
      return Int(outside[outside.index(after: colon)...])
    }
    return parts[0] == "https:" ? 443 : 80
  }
}
