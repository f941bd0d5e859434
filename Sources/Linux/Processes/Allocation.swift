internal import CLinux

/// How libc's allocator keeps memory.
package enum Allocation {
  /// Larger ones, in bytes, are mapped by themselves, and their pages go back when they are freed.
  private static let separateFrom: CInt = 1 << 20

  /// Keeps arrays that have grown from leaving their earlier, smaller selves in the heap: libc would
  /// otherwise raise its threshold with each that is freed, see mallopt(3).
  package static func returnLargeBlocks() { _ = mallopt(M_MMAP_THRESHOLD, separateFrom) }
}
