internal import CLinux

/// Settings of the C library's memory allocator.
package enum Allocation {
  /// The minimum size of a block that gets its own mapping, in bytes. The kernel takes the mapping
  /// back when the block is freed.
  private static let separateFrom: CInt = 1 << 20

  /// Returns freed large blocks to the kernel. Without this, the C library raises its threshold
  /// each time a large block is freed, so the former buffers of a growing array stay in the heap.
  /// See M_MMAP_THRESHOLD in mallopt(3).
  package static func returnLargeBlocks() { _ = mallopt(M_MMAP_THRESHOLD, separateFrom) }
}
