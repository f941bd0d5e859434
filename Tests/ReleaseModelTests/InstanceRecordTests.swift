import Testing

@testable import ReleaseModel

/// Where instances were started.
@Suite struct InstanceRecordTests {
  private func layout(_ template: String) -> InstanceLayout {
    InstanceLayout(templates: [template], socket: "/r/{id}", live: "/r/l")
  }

  @Test func `the last start is first, and is not written again`() throws {
    let first = try #require(
      InstanceRecord([]).starting(at: layout("a@")) { _ in true })
    #expect(first.layouts == [layout("a@")])
    #expect(first.starting(at: layout("a@")) { _ in true } == nil)
    let second = try #require(first.starting(at: layout("b@")) { _ in true })
    #expect(second.layouts == [layout("b@"), layout("a@")])
    let back = try #require(second.starting(at: layout("a@")) { _ in true })
    #expect(back.layouts == [layout("a@"), layout("b@")])
  }

  @Test func `where nothing runs any more is left out`() throws {
    let record = InstanceRecord([layout("b@"), layout("a@")])
    let next = try #require(record.starting(at: layout("c@")) { $0 == layout("a@") })
    #expect(next.layouts == [layout("c@"), layout("a@")])
  }

  @Test func `the record has a limit`() {
    let many = InstanceRecord((1...20).map { layout("u\($0)@") })
    #expect(many.layouts.count == 8 && many.layouts.first == layout("u1@"))
  }
}
