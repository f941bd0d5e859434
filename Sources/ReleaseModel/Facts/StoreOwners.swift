/// The owners of the parts of a store, by the numbers of the users. They show which part has the wrong
/// owner.
package struct StoreOwners: Equatable, Sendable {
  /// The owner of the store's directory, which is the owner of the store.
  package let store: UInt32
  /// The owner of `.releases`; nil when it is missing.
  package var control: UInt32?
  /// The owners of what the store made in `.releases`.
  package var content: [UInt32] = []
  /// The owner of `releases`; nil when it is missing.
  package var releases: UInt32?
  /// The owner of the configuration; nil when it is missing.
  package var configuration: UInt32?

  package init(store: UInt32) { self.store = store }

  /// What has the wrong owner.
  package enum OddOne: Equatable, Sendable {
    /// The part that belongs to another user than the store.
    case part
    /// The directory of the store, which has to be given to the owner of everything in it.
    case store
    /// It can't be told from the owners.
    case unclear
  }

  /// Returns what has the wrong owner when a part of the store belongs to another user.
  ///
  /// What root owns says little, since root may own any part: giving the store to root would let its
  /// hooks run as root.
  ///
  /// - Parameter other: the owner of the part.
  /// - Returns: what has to be given to another user.
  package func oddOne(with other: UInt32) -> OddOne {
    let content = Set(content)
    let votes: [UInt32?] = [
      control, content.count == 1 ? content.first : nil, releases,
      configuration == 0 ? nil : configuration,
    ]
    let mine = votes.count { $0 == store }
    let theirs = votes.count { $0 == other }
    if mine == 0, theirs > 1, other != 0 { return .store }
    let isMinority = theirs == 1 || store != 0 && theirs <= mine
    return mine > 0 && isMinority ? .part : .unclear
  }
}
