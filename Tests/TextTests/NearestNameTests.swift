import Testing
import Text

@Suite struct NearestNameTests {
  static let names = ["count", "age", "min-free", "min-free-inodes", "url", "run", "rollback"]
  static let commands = ["rollback", "list", "status", "remove", "recover"]

  @Test(arguments: [
    ("cout", "count"), ("coutn", "count"), ("Count", "count"), ("counts", "count"),
    ("aeg", "age"), ("min_free", "min-free"), ("minfree", "min-free"), ("minfre", "min-free"),
    ("min-free-inode", "min-free-inodes"), ("rolback", "rollback"), ("ru", "run"),
  ])
  func `a mistyped name is recognized`(typed: String, meant: String) {
    #expect(nearestName(to: typed, among: Self.names) == meant)
  }

  @Test(arguments: ["", "x", "zzz", "amount", "minimum"])
  func `a name that is too different is not recognized`(typed: String) {
    #expect(nearestName(to: typed, among: Self.names) == nil)
  }

  @Test func `names of two letters are too short to be similar`() {
    #expect(nearestName(to: "uv", among: ["mv", "uvx", "v"]) == "uvx")
    #expect(nearestName(to: "uv", among: ["mv", "up"]) == nil)
  }

  @Test func `a name of one mebibyte is not similar to any command`() {
    let typed = String(repeating: "a", count: 1 << 20)
    #expect(nearestName(to: typed, among: Self.names) == nil)
  }

  @Test func `the nearest name is chosen, and the first of several`() {
    #expect(nearestName(to: "cat", among: ["bat", "cut", "cart"]) == "bat")
    #expect(nearestName(to: "cut", among: ["bat", "cut"]) == "cut")
    #expect(nearestName(to: "x", among: ["a", "b"]) == nil)
    #expect(nearestName(to: "x", among: []) == nil)
  }

  @Test(arguments: [
    ("rolback", "rollback"), ("rollbakc", "rollback"), ("lsit", "list"), ("stat", "status"),
    ("re", nil), ("", nil), ("zzzzzz", nil), ("lock", nil),
  ])
  func `a mistyped command is recognized`(typed: String, expected: String?) {
    #expect(nearestName(to: typed, among: Self.commands) == expected)
  }
}
