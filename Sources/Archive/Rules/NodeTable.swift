/// A hash table of node numbers that leaves the keys to its owner: eight bytes a place, at least
/// every third of them free.
struct NodeTable {
  private struct Slot {
    var hash: UInt32 = 0
    /// Negative in a free place.
    var node: Int32 = -1
  }

  private var slots = [Slot](repeating: Slot(), count: 64)
  private var count = 0

  /// The node with this hash that `isWanted`.
  func find(_ hash: Int, _ isWanted: (MemberTree.NodeID) -> Bool) -> MemberTree.NodeID? {
    let hash = UInt32(truncatingIfNeeded: hash)
    var place = Int(hash) & (slots.count - 1)
    while slots[place].node >= 0 {
      let node = Int(slots[place].node)
      if slots[place].hash == hash, isWanted(node) { return node }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds one that is not there yet.
  mutating func insert(_ node: MemberTree.NodeID, _ hash: Int) {
    if (count + 1) * 3 > slots.count * 2 { grow() }
    put(Slot(hash: UInt32(truncatingIfNeeded: hash), node: Int32(node)))
    count += 1
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for slot in old where slot.node >= 0 { put(slot) }
  }

  private mutating func put(_ slot: Slot) {
    var place = Int(slot.hash) & (slots.count - 1)
    while slots[place].node >= 0 { place = (place + 1) & (slots.count - 1) }
    slots[place] = slot
  }
}
