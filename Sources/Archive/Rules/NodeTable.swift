/// A hash table of node IDs whose keys are stored by its owner. A slot takes eight bytes, and at
/// least one third of the slots are free.
struct NodeTable {
  private struct Slot {
    var hash: UInt32 = 0
    /// The ID of the node; negative in a free slot.
    var node: Int32 = -1
  }

  private var slots = [Slot](repeating: Slot(), count: 64)
  private var count = 0

  /// Returns the node with this hash for which `isWanted` returns true.
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

  /// Adds a node that is not in the table.
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
