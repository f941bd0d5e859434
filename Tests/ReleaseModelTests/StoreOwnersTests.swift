import ReleaseModel
import Testing

/// Which part of a store has the wrong owner.
@Suite struct StoreOwnersTests {
  private static let (root, user, other): (UInt32, UInt32, UInt32) = (0, 1000, 1001)

  private func owners(
    _ store: UInt32, control: UInt32?, content: [UInt32], releases: UInt32?, configuration: UInt32?
  ) -> StoreOwners {
    var owners = StoreOwners(store: store)
    (owners.control, owners.content) = (control, content)
    (owners.releases, owners.configuration) = (releases, configuration)
    return owners
  }

  @Test(arguments: [root, other], [user, root, nil])
  func `a store in which everything belongs to another user is the odd one`(
    store: UInt32, configuration: UInt32?
  ) {
    let owners = owners(
      store, control: Self.user, content: [Self.user, Self.user], releases: Self.user,
      configuration: configuration)
    #expect(owners.oddOne(with: Self.user) == .store)
  }

  @Test func `a store is never given to root`() {
    let owners = owners(
      Self.user, control: Self.root, content: [Self.root], releases: Self.root,
      configuration: Self.root)
    #expect(owners.oddOne(with: Self.root) == .unclear)
  }

  @Test(arguments: [root, user])
  func `a single part of another user is the odd one`(store: UInt32) {
    #expect(
      owners(store, control: store, content: [store], releases: Self.other, configuration: store)
        .oddOne(with: Self.other) == .part)
    #expect(
      owners(store, control: Self.other, content: [store], releases: store, configuration: nil)
        .oddOne(with: Self.other) == .part)
    #expect(
      owners(store, control: store, content: [store], releases: store, configuration: Self.other)
        .oddOne(with: Self.other) == .part)
  }

  /// Hooks run as the owner of the store, so half a store of root must not draw the other half along.
  @Test func `half of a store of root does not tell whose it is`() {
    let half = owners(
      Self.root, control: Self.root, content: [Self.root], releases: Self.user,
      configuration: Self.user)
    #expect(half.oddOne(with: Self.user) == .unclear)
    let control = owners(
      Self.root, control: Self.user, content: [Self.user], releases: Self.root, configuration: nil)
    #expect(control.oddOne(with: Self.user) == .unclear)
  }

  @Test func `a directory without a store does not tell whose it is`() {
    let owners = owners(
      Self.root, control: nil, content: [], releases: Self.user, configuration: nil)
    #expect(owners.oddOne(with: Self.user) == .unclear)
  }
}
