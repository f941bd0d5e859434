import ModelTestSupport
import Testing

@testable import ReleaseModel

/// Where the instances of the service are, and which release a unit, a socket or a link belongs to.
@Suite struct InstanceLayoutTests {
  private func layout(
    _ templates: [String] = ["app@"], socket: String = "/run/app/{id}.sock",
    live: String = "/run/app/live"
  ) -> InstanceLayout {
    InstanceLayout(templates: templates, socket: socket, live: live)
  }

  @Test func `units and sockets make instances the same, and the link does not`() {
    #expect(layout().hasSameInstances(as: layout(live: "/run/other")))
    #expect(!layout().hasSameInstances(as: layout(socket: "/run/{id}")))
    #expect(!layout().hasSameInstances(as: layout(["app@", "jobs@"])))
  }

  @Test func `only the units that another layout does not have remain`() {
    #expect(layout(["app@", "jobs@"]).without(layout())?.templates == ["jobs@"])
    #expect(layout().without(layout(["jobs@", "app@"])) == nil)
    let own = InstanceLayout(templates: ["app@"], socket: "/{id}", live: "/l", manager: .user)
    #expect(own.without(layout()) == own, "the units of another systemd are others")
  }

  @Test func `a link to another link is relative in the same directory`() {
    #expect(layout().linkText(toPath: "/run/app/other") == "other")
    #expect(layout().linkText(toPath: "/run/other/live") == "/run/other/live")
  }

  @Test func `every template has a unit of the release`() {
    #expect(layout(["app@", "jobs@"]).units(of: "1.2") == ["app@1.2.service", "jobs@1.2.service"])
  }

  @Test(arguments: [
    ("/run/app/{id}.sock", "/run/app/7.sock"), ("/run/app/{id}", "/run/app/7"),
    ("/run/app/{id}/http.sock", "/run/app/7/http.sock"), ("/run/app-{id}-x", "/run/app-7-x"),
  ])
  func `the socket of a release has its ID, and is that of no other`(
    socket: String, path: String
  ) {
    let layout = layout(socket: socket)
    #expect(layout.socket(of: "7") == path)
    #expect(layout.release(ofSocket: path) == "7")
    #expect(layout.release(ofSocket: path + "x") != "7")
    #expect(layout.release(ofSocket: "x" + path) == nil)
  }

  /// IDs that look like parts of units, sockets and paths.
  @Test(arguments: [
    "1", "1.service", "x.socket", "live", "sock", "a.sock", "1-2",
    "0.sock.sock", String(repeating: "r", count: 64),
  ])
  func `names lead back to their release`(text: String) throws {
    let id = try #require(ReleaseID(text))
    for socket in ["/run/app/{id}.sock", "/run/app/{id}/http.sock", "/run/app/{id}", "/r-{id}-r"] {
      let layout = layout(["app@", "app-jobs@"], socket: socket)
      #expect(layout.release(ofSocket: layout.socket(of: id)) == id)
      #expect(layout.release(ofLinkText: layout.linkText(to: id)) == id)
      for unit in layout.units(of: id) { #expect(layout.release(ofUnit: unit) == id) }
    }
  }

  @Test(arguments: [
    "/run/app/.sock", "/run/app/a/b.sock", "/run/app/../x.sock", "/run/app/a b.sock",
    "/run/app/\u{301}.sock", "/run/app/", "", "/run/app/live", "/run/app/-x.sock",
  ])
  func `a path that no release has belongs to none`(path: String) {
    #expect(layout().release(ofSocket: path) == nil)
    #expect(layout().release(ofLinkText: path) == nil)
  }

  @Test(arguments: [
    "app.service", "app@.service", "app@1", "app@1.socket", "other@1.service", "app@a/b.service",
    "xapp@1.service",
  ])
  func `a unit that is no instance belongs to no release`(unit: String) {
    #expect(layout().release(ofUnit: unit) == nil)
  }

  @Test func `the link is relative if the socket is in its directory`() {
    #expect(layout().linkText(to: "7") == "7.sock")
    #expect(layout(socket: "/run/app/{id}/http.sock").linkText(to: "7") == "/run/app/7/http.sock")
    #expect(layout(socket: "/run/{id}.sock").linkText(to: "7") == "/run/7.sock")
    #expect(layout(socket: "/run/appendix/{id}").linkText(to: "7") == "/run/appendix/7")
  }

  @Test func `a link is understood whether it is relative or absolute`() {
    #expect(layout().release(ofLinkText: "7.sock") == "7")
    #expect(layout().release(ofLinkText: "/run/app/7.sock") == "7")
    #expect(layout().release(ofLinkText: "../app/7.sock") == nil)
    #expect(layout().release(ofLinkText: "live") == nil)
  }

  @Test func `only a switch without overlap rehearses`() {
    func unit(_ overlap: Bool, _ rehearsal: String?) -> String? {
      InstanceSwitch(layout: layout(), liveRuns: true, overlap: overlap, rehearsal: rehearsal)
        .rehearsalUnit(of: "7")
    }
    #expect(unit(true, nil) == nil)
    #expect(unit(false, nil) == "app@7.service")
    #expect(unit(false, "trial@") == "trial@7.service")
  }
}
