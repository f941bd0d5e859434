import Configuration
import ModelTestSupport
import Testing
import Text

@testable import HostPrograms

@Suite struct HealthAddressTests {
  @Test(arguments: [
    ("http://127.0.0.1:8000/x", "127.0.0.1:8000"),
    ("http://localhost:17999/health", "localhost:17999"),
    ("HTTPS://LOCALHOST", "LOCALHOST:443"), ("http://localhost/", "localhost:80"),
    ("http://[::1]:90/", "[::1]:90"), ("http://[::1]?a:1", "[::1]:80"),
    ("http://a:b@127.0.0.2:1/@x:9", "127.0.0.2:1"),
  ])
  func `an address of this host is taken from the URL`(url: String, text: String) {
    #expect(HealthAddress(.init(url: url))?.description == text)
  }

  @Test(arguments: [
    "http://example.org/", "http://10.0.0.1:80", "http://0.0.0.0:80", "http://localhost:x",
    "http://localhost:99999", "localhost:80",
  ])
  func `the address of another host is unknown`(url: String) {
    #expect(HealthAddress(.init(url: url)) == nil)
  }

  @Test func `a socket is the address in place of the URL`() {
    var probe = Configuration.HTTPProbe(url: "http://example.org")
    probe.unixSocket = "/run/app.sock"
    #expect(HealthAddress(probe) == .unix("/run/app.sock"))
  }

  @Test func `the end of a connection is on this host if both ends have one address`() {
    #expect(HealthAddress(remote: "10.0.0.1", port: "80", local: "10.0.0.1") != nil)
    #expect(HealthAddress(remote: "127.0.0.2", port: "80", local: "127.0.0.1") != nil)
    #expect(HealthAddress(remote: "10.0.0.1", port: "80", local: "10.0.0.2") == nil)
    #expect(HealthAddress(remote: "::1", port: "80", local: "::1")?.description == "[::1]:80")
    #expect(HealthAddress(remote: "", port: "0", local: "") == nil)
  }

  @Test func `variables are replaced, and a missing ref leaves a condition out`() {
    var configured = Configuration.HTTPProbe(url: "http://x/${RELEASES_ID}")
    configured.unixSocket = "/run/${RELEASES_ID}.sock"
    configured.body = "<${RELEASES_ID}>"
    configured.json = ["ref": .text("v-${RELEASES_REF}"), "n": .number(1)]
    let full = ExpandedProbe(configured, for: HealthSubject(id: "7", previous: nil, ref: "abc"))
    #expect(full.probe.url == "http://x/7" && full.probe.unixSocket == "/run/7.sock")
    #expect(full.probe.body == "<7>")
    #expect(full.probe.json == ["ref": .text("v-abc"), "n": .number(1)])
    #expect(full.namesRelease && full.gap == nil)
    configured.body = nil
    let partial = ExpandedProbe(configured, for: HealthSubject(id: "7", previous: nil, ref: nil))
    #expect(partial.probe.json == ["n": .number(1)])
    #expect(!partial.namesRelease)
    #expect(partial.gap == "release 7 has no ref to compare the response with")
  }
}
