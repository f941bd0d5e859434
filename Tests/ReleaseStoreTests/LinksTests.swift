import Foundation
import Glibc
import Linux
import ModelTestSupport
import ReleaseModel
import ReleaseStore
import StoreTestSupport
import TestSupport
import Testing
import Text

@Suite struct LinksTests {
  @Test(
    arguments: [
      ("releases/1", .release("1"), true), ("./releases/1", .release("1"), true),
      ("releases//1", .release("1"), true), ("releases/1/", .release("1"), true),
      (".//releases/./1/.", .release("1"), true), ("STORE/releases/1", .release("1"), true),
      ("STORE//releases/1/", .release("1"), true), ("/./STORE/./releases/1", .release("1"), true),
      ("releases/gone", .dangling("gone"), true), ("STORE/releases/gone", .dangling("gone"), true),
      ("releases/file", .elsewhere, false),
      ("other", .release("1"), false), ("STORE/other", .release("1"), false),
      ("releases/../releases/1", .release("1"), false),
      ("../store/releases/1", .release("1"), false), ("chain", .release("1"), false),
      ("releases/alias", .release("1"), false),
      ("loop", .elsewhere, false), ("nowhere", .elsewhere, false), (".", .elsewhere, false),
      ("releases", .elsewhere, false), ("STORE", .elsewhere, false), ("/", .elsewhere, false),
      ("releases/1/sub", .elsewhere, false), ("releases/1/file", .elsewhere, false),
      ("releases/..", .elsewhere, false), ("releases/latest", .elsewhere, false),
      ("releases/.hidden", .elsewhere, false), ("/tmp", .elsewhere, false),
      ("STORE-other/releases/1", .elsewhere, false), ("STOREreleases/1", .elsewhere, false),
      ("releases/1\u{301}", .elsewhere, false), ("releases\u{301}/1", .elsewhere, false),
    ] as [(String, ReleaseLink.State, Bool)])
  func `a link points to a release only by name or through other links`(
    text: String, state: ReleaseLink.State, isDirect: Bool
  ) throws {
    let scratch = try ScratchStore()
    try scratch.makeDirectories("releases/1/sub", "releases/.hidden", "releases/latest")
    try scratch.write("releases/file", [])
    try scratch.write("releases/1/file", [])
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeLink("other", to: "releases/1")
    try root.makeLink("chain", to: "\(scratch.path)/other")
    try root.makeLink("loop", to: "loop")
    try root.openDirectory("releases").makeLink("alias", to: "1")
    let text = text.replacing("STORE", with: scratch.path)
    try root.makeLink("current", to: text)
    #expect(try scratch.store.links.link("current").text == text)
    let link = try scratch.store.links.link("current")
    #expect(link.state == state)
    #expect(link.isDirect == isDirect)
  }

  @Test func `a missing link and a directory are recognized`() throws {
    let scratch = try ScratchStore()
    #expect(try scratch.store.links.link("current") == .missing)
    try scratch.makeDirectories("current")
    #expect(try scratch.store.links.link("current").state == .notALink)
  }

  /// Swift considers the names of the two stores equal.
  @Test func `another spelling of the path is another store`() throws {
    let scratch = try ScratchStore(named: "\u{E9}")
    let other = scratch.directory + "/e\u{301}"
    try Program.shell("mkdir -p '\(other)/releases/1' '\(scratch.path)/releases/1'")
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeLink("current", to: scratch.path + "/releases/1")
    try root.makeLink("previous", to: other + "/releases/1")
    #expect(try scratch.store.links.link("current").state == .release("1"))
    #expect(try scratch.store.links.link("previous").state == .elsewhere)
    try root.unlink("previous")
    try root.makeLink("previous", to: "../e\u{301}/releases/1")
    #expect(try scratch.store.links.link("previous").state == .elsewhere)
    #expect(
      try scratch.store.links.texts()
        != LinkPair(
          current: scratch.path + "/releases/1", previous: "../\u{E9}/releases/1"),
      "a link that was moved by hand is noticed")
  }

  @Test func `links are written byte for byte`() throws {
    let scratch = try ScratchStore()
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeLink("current", to: "e\u{301}")
    try scratch.store.links.set(to: LinkPair(current: "\u{E9}"))
    #expect(try Array(root.readLink("current").utf8) == Array("\u{E9}".utf8))
    withExtendedLifetime(scratch) {}
  }

  @Test func `a store whose name begins with a combining mark works`() throws {
    let scratch = try ScratchStore(named: "\u{301}mark")
    try scratch.makeDirectories("releases/1")
    let root = try Descriptor.openDirectory(scratch.path)
    try root.makeLink("current", to: scratch.path + "/releases/1")
    try root.makeLink("previous", to: "./current")
    #expect(try scratch.store.links.link("current") == .to("1", scratch.path + "/releases/1"))
    #expect(try scratch.store.links.link("previous").state == .release("1"))
  }

  @Test func `a target that is not UTF-8 is an error with a hint`() throws {
    let scratch = try ScratchStore()
    let target: [CChar] = [0x61, -1, 0]
    _ = target.withUnsafeBufferPointer { symlink($0.baseAddress!, scratch.path + "/current") }
    let error = #expect(throws: ReleasesError.self) { try scratch.store.links.link("current") }
    #expect(error?.message.text.contains("current") == true)
    #expect(error?.hint?.text.text.contains("UTF-8") == true)
  }
}
