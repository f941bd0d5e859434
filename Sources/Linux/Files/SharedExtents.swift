internal import CLinux
internal import Glibc

/// Files that share blocks of the disk (reflinks). A write to one of them does not change the
/// other. XFS and btrfs support this.
extension Descriptor {
  /// The largest range that all kernels accept in one call, in bytes.
  private static let shareLimit: Int64 = 16 << 20

  /// Replaces the blocks of this file by those of another file with the same content. Nothing else
  /// of the file changes. The kernel locks both files, compares all bytes and shares only equal
  /// ranges; see ioctl_fideduperange(2).
  ///
  /// The kernel first writes out the dirty pages of both files, so this is slow unless they were
  /// flushed before.
  ///
  /// - Parameters:
  ///   - source: the other file, open for reading.
  ///   - size: the size of both files, in bytes.
  /// - Returns: whether all content is shared; false when the contents differ.
  /// - Throws: `SystemError` if ioctl_fideduperange(2) fails.
  package func shareContent(
    of source: borrowing Descriptor, size: Int64
  ) throws(SystemError) -> Bool {
    let from = source.raw
    var done: Int64 = 0
    while done < size {
      var range = clinux_share_range()
      range.source_offset = UInt64(done)
      range.length = UInt64(min(size - done, Self.shareLimit))
      range.targets = 1
      range.target = Int64(raw)
      range.target_offset = UInt64(done)
      try systemCall("ioctl", path) { clinux_share(from, &range) }
      if range.status == CLINUX_CONTENT_DIFFERS { return false }
      guard range.status == 0, range.shared > 0 else {
        let errno = range.status < 0 ? Errno(rawValue: -range.status) : .invalid
        throw SystemError(call: "ioctl", path: path, errno: errno)
      }
      done += Int64(range.shared)
    }
    return true
  }

  /// Advises the kernel to read the whole content of this file in the background; see
  /// posix_fadvise(2).
  package func prefetch() { _ = posix_fadvise(raw, 0, 0, POSIX_FADV_WILLNEED) }

  /// Returns whether files beneath this directory can share blocks, tried with two empty files
  /// without names; see ioctl_ficlone(2).
  ///
  /// - Throws: `SystemError` if no file can be made in this directory.
  package func canShareContent() throws(SystemError) -> Bool {
    let first = try openUnnamedFile()
    let second = try openUnnamedFile()
    do throws(SystemError) {
      try systemCall("ioctl") { clinux_clone(second.raw, first.raw) }
      // The store uses both ioctls, and a host may have only one of them.
      var nothing = clinux_share_range()
      nothing.targets = 1
      nothing.target = Int64(second.raw)
      try systemCall("ioctl") { clinux_share(first.raw, &nothing) }
      return nothing.status == 0
    } catch let error where error.errno.lacksSharing {
      return false
    }
  }

  /// Returns how much of this file's content lies in blocks that another file also uses. See the
  /// kernel's Documentation/filesystems/fiemap.rst.
  ///
  /// - Parameter size: the size of the file, in bytes.
  /// - Returns: the number of shared bytes; nil if the file system does not report it.
  /// - Throws: `SystemError` if ioctl(2) fails.
  package func sharedByteCount(size: Int64) throws(SystemError) -> Int64? {
    var shared: Int64 = 0
    var position: Int64 = 0
    while position < size {
      var map = clinux_extent_map()
      map.start = UInt64(position)
      map.length = UInt64(size - position)
      map.count = UInt32(CLINUX_EXTENTS)
      do throws(SystemError) {
        try systemCall("ioctl", path) { clinux_map_extents(raw, &map) }
      } catch let error where error.errno.lacksSharing {
        return nil
      }
      let count = Int(map.mapped)
      let extents = withUnsafeBytes(of: &map.extents) {
        Array($0.bindMemory(to: fiemap_extent.self).prefix(count))
      }
      for extent in extents where extent.fe_flags & UInt32(FIEMAP_EXTENT_SHARED) != 0 {
        let end = min(Int64(extent.fe_logical + extent.fe_length), size)
        shared += max(end - max(Int64(extent.fe_logical), position), 0)
      }
      guard let last = extents.last, last.fe_flags & UInt32(FIEMAP_EXTENT_LAST) == 0 else { break }
      position = max(Int64(last.fe_logical + last.fe_length), position + 1)
    }
    return shared
  }
}

extension Errno {
  /// Whether the file system or the kernel can't share blocks, or can't report it.
  fileprivate var lacksSharing: Bool {
    isUnsupported || [ENOTTY, EXDEV, EISDIR].contains(rawValue)
  }
}
