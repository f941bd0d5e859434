import Testing

@testable import Linux

@Suite struct UserNamespaceTests {
  @Test(arguments: [
    ("         0          0 4294967295\n", true), ("0 100000 65536\n", false), ("0 0 1\n", false),
    ("", false), ("0 0 1\n1 1 4294967294\n", true), ("0 1000 1\n1 100000 65536\n", false),
  ])
  func `a namespace hides owners unless it maps every user`(map: String, mapsAll: Bool) {
    #expect(UserNamespace.mapsEveryUser(Array(map.utf8)) == mapsAll)
  }
}
