import ReleaseModel
import Testing

@testable import Configuration

/// The configuration for instances that an earlier configuration has started.
@Suite struct InstancePlacingTests {
  private static let service = "service: {unit: new@, socket: '/r/new/{id}', live: /r/l}\n"
  private let earlier = InstanceLayout(
    templates: ["old@"], socket: "/r/old/{id}", live: "/r/old/l")

  private func placed(_ text: String) throws -> Configuration {
    try Configuration(parsing: Array(text.utf8), file: "f.yaml").placing(earlier)
  }

  @Test func `the units and the socket are the earlier ones`() throws {
    let moved = try placed(Self.service)
    #expect(moved.instances?.layout == earlier)
    let id = try #require(ReleaseID("1"))
    #expect(moved.units(of: id) == ["old@1.service"])
    #expect(moved.health?.probe == .socket("/r/old/${RELEASES_ID}"))
  }

  @Test func `a health check asks the socket there, unless it names another one`() throws {
    func socket(_ text: String) throws -> String? {
      guard case .http(let probe)? = try placed(Self.service + text).health?.probe else {
        return nil
      }
      return probe.unixSocket
    }
    #expect(try socket("health: {url: http://x/}") == "/r/old/${RELEASES_ID}")
    #expect(try socket("health: {url: http://x/, unix-socket: /r/other}") == "/r/other")
  }

  @Test func `without instances, nothing changes`() throws {
    #expect(try placed("service: app\n").services == ["app"])
  }
}
