import Foundation
import TestSupport
import Testing

/// The order of releases and their IDs do not depend on clocks, names or modification times.
@Suite struct ReleaseOrderTests {
  @Test func `a release unpacked after the clock was set back is the newest`() throws {
    let store = try TestStore(initialized: false)
    for id in ["4000000000", "4000000001"] { try store.write("releases/\(id)/VERSION", id) }
    try store.makeLink("current", to: "releases/4000000001")
    try store.makeLink("previous", to: "releases/4000000000")
    try store.expectSuccess(["init"])
    let archive = try store.archive(["VERSION": "new"])
    let id = try #require(try store.expectSuccess(["unpack", archive]).lines.first)
    #expect(id == "4000000002", "the ID is one more than the newest")
    try store.publish("0-named-to-sort-first")
    try store.expectSuccess(["activate", "latest"])
    #expect(store.current == "0-named-to-sort-first")
    try store.expectSuccess(["prune", "--keep", "2", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["0-named-to-sort-first", "4000000001", id])
    try store.expectConsistent()
  }

  @Test func `the ID of a removed release is not used again`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    var ids: [String] = []
    for _ in 0..<3 {
      let id = try #require(try store.expectSuccess(["unpack", archive]).lines.last)
      #expect(!ids.contains(id))
      ids.append(id)
      try store.expectSuccess(["remove", id])
    }
  }
}
