import ModelTestSupport
import ReleaseModel
import Testing
import Text

@Suite struct LinkTargetTests {
  @Test(arguments: [
    ("nothing", "\"nothing\""), ("rollback target", "\"rollback target\""), ("", "\"\""),
    ("releases/7", "releases/7"), ("/opt/app", "/opt/app"), ("17", "17"), ("v1", "v1"),
  ])
  func `only a name that reads like a word is quoted`(target: String, shown: String) {
    let message: Message = "points to \(linkTarget: target), now"
    #expect(message.text == "points to \(shown), now")
  }

  @Test func `no link and a release of that name differ`() {
    let id: ReleaseID = "nothing"
    let none: Message = "from \(linkTarget: nil) to \(linkTarget: id)"
    #expect(none.text == #"from nothing to "nothing""#)
  }
}
