internal import Configuration
internal import FoundationEssentials
internal import HostPrograms
internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport
internal import Text

extension Diagnosis {
  /// What the configuration of the store says about the service.
  package struct Service: Sendable {
    /// The systemd units; empty when none is configured.
    var units: [String] = []
    /// Where the instances are; nil if the service has none.
    var instances: InstanceLayout?
    /// Where rehearsals run; nil if they are instances like the others, or there are none.
    var rehearsals: InstanceLayout?
    /// The URL of the health check; nil when none is configured.
    var healthURL: String?
    /// The socket that the health check connects to; nil for the address in its URL.
    var healthSocket: String?

    /// The options of systemctl that select the systemd of the units.
    var manager: [String] { instances?.manager == .user ? ["--user"] : [] }

    /// The units that run a release.
    ///
    /// - Parameter id: the release; nil for all units.
    /// - Returns: the names of the units.
    func units(of id: ReleaseID?) -> [String] {
      guard let instances, let id else { return units }
      return instances.units(of: id) + (rehearsals?.units(of: id) ?? []) + instances.restarted
    }

    /// The option of journalctl that selects a unit.
    var unitOption: String { instances?.manager == .user ? "--user-unit" : "-u" }

    /// The port of the health check; nil when its URL has none.
    package var port: Int? { healthURL.flatMap { Diagnosis.port(of: $0) } }
  }

  /// Reads what the configuration says about the service; nothing if it can't be read or parsed.
  ///
  /// - Parameter place: returns where the instance of the live release is; the configuration may have
  ///   changed since it was started.
  /// - Returns: the service.
  package func service(
    placing place: (Store, _ live: ReleaseID?, _ configured: InstanceLayout) -> InstanceLayout = {
      $2
    }
  ) -> Service {
    let path = path
    let configuration = try? TimeLimit.run(seconds) {
      try? Configuration.load(directory: Descriptor.openDirectory(path), path: path)
    }
    guard let configuration, var configuration else { return Service() }
    var service = Service(units: configuration.services)
    let store = try? Store.open(path)
    let live = (try? store?.links.link(Layout.current).release).flatMap { $0 }
    if let configured = configuration.instances?.layout {
      let layout = store.map { place($0, live, configured) } ?? configured
      configuration = configuration.placing(layout)
      service.instances = layout
      service.rehearsals = configuration.instances?.rehearsalLayout
      service.units = units(of: layout, live: live)
      service.units += loadedUnits(of: configured).filter { !service.units.contains($0) }
    }
    if case .http(let probe)? = configuration.health?.probe {
      service.healthURL = probe.url
      service.healthSocket = probe.unixSocket.map { socket in
        live.map { socket.replacing(HealthVariable.id, with: $0.text) } ?? socket
      }
    }
    return service
  }

  /// Returns the units of the instances that systemd has loaded, and the units that have no instances. The
  /// unit of the live release comes first, even if it does not run.
  private func units(of layout: InstanceLayout, live: ReleaseID?) -> [String] {
    let first = live.map { layout.units(of: $0) } ?? []
    return first + loadedUnits(of: layout).filter { !first.contains($0) } + layout.restarted
  }

  private func loadedUnits(of layout: InstanceLayout) -> [String] {
    let caller = CallerEnvironment(programDirectories: directories).asking(layout.manager)
    return InstanceUnits(layout, caller).units?.map(\.name) ?? []
  }

  /// Makes the sections with the state and log of the unit, and the response of the service.
  package func serviceSections(_ service: Service) -> [DiagnosisSection] {
    [
      section("unit") { () throws(ReleasesError) in
        if service.units.isEmpty { return noService }
        // The status 3 means that the unit does not run.
        return try output(
          of: ["systemctl"] + service.manager + ["--no-pager", "--full", "status", "--"]
            + service.units,
          acceptedStatuses: [0, 3])
      },
      section("unit log") { () throws(ReleasesError) in
        if service.units.isEmpty { return noService }
        return try output(
          of: ["journalctl", "--no-pager", "-n", "50"]
            + service.units.flatMap { [service.unitOption, $0] })
      },
    ] + instanceSections(service) + [
      section("health") { () throws(ReleasesError) in
        guard let url = service.healthURL else {
          return .init("\(Layout.configuration) has no health URL\n", .missing)
        }
        // Any other user would connect with rights that the owner may lack.
        if service.healthSocket != nil, !isOwner {
          return .init("only the owner of the store may connect to the socket\n", .missing)
        }
        var output = try output(
          of: [
            "curl", "-q", "--silent", "--show-error", "--include", "--globoff", "--proto",
            "=http,https", "--max-time", "\(Int(seconds))",
          ] + (service.healthSocket.map { ["--unix-socket", $0] } ?? []) + ["--url", url])
        output.limit = 16 << 10
        return output
      }
    ]
  }

  /// Makes the section with the instances that systemd knows, the link that the front connects to, and
  /// its directory; none if the service has no instances.
  private func instanceSections(_ service: Service) -> [DiagnosisSection] {
    guard let layout = service.instances else { return [] }
    return [
      section("instances") { () throws(ReleasesError) in
        try output(
          of: ["systemctl"] + service.manager + [
            "list-units", "--all", "--no-pager", "--full", "--",
          ]
            + layout.templates.map { "\($0)*.service" })
      },
      section("live link") { () throws(ReleasesError) in
        try output(of: ["ls", "-laR", "--", layout.live.parentDirectory])
      },
    ]
  }

  private var isOwner: Bool {
    (try? status(ofPath: path)).map { Ownership(owner: $0.owner).isOfThisUser } ?? false
  }

  private var noService: DiagnosisSection.Output {
    .init("\(Layout.configuration) has no service\n", .missing)
  }

  /// Makes the sections with the files of the store, even if the store is invalid.
  package func fileSections() -> [DiagnosisSection] {
    [
      section("journal") { () throws(ReleasesError) in
        guard let entry = try Store.open(path).journal.last(),
          let data = try? StoreJSON.encoder().encode(entry)
        else { return .init("can't read the journal; see the section 'check'\n", .failed) }
        return .init(Array(data) + [UInt8(ascii: "\n")])
      },
      section("logs") { () throws(ReleasesError) in try HookLogExcerpts.read(path) },
      section("configuration") { () throws(ReleasesError) in
        let file = "\(path)/\(Layout.configuration)"
        return .init(
          try withErrorMessage("can't read \(path: file)") { () throws(SystemError) in
            try Descriptor.openDirectory(path)
              .readStoreFile(Layout.configuration, .configuration)
          })
      },
      section("permissions") { () throws(ReleasesError) in
        let directories =
          [path] + [Layout.releases, Layout.shared, Layout.control].map { "\(path)/\($0)" }
        return try output(
          of: ["ls", "-la", "--"] + directories.filter { (try? status(ofPath: $0)) != nil })
      },
    ]
  }

  /// Returns the port of an HTTP URL, or the default port of its scheme; nil for an invalid URL.
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
