internal import CLinux
internal import Glibc

/// Files that use the same blocks of the disk without knowing of each other (reflinks): writing to
/// one leaves the other as it was. XFS and btrfs have them.
extension Descriptor {
  /// As much as all kernels take in one call, in bytes.
  private static let shareLimit: Int64 = 16 << 20

  /// Lets this file use the blocks of another one for the content both have, in place of its own.
  /// Nothing else of the file changes. The kernel compares all bytes itself, both files locked, and
  /// shares only what is equal, see ioctl_fideduperange(2).
  ///
  /// Writes out first what of both files is only in memory: slow unless that has been done.
  ///
  /// - Parameters:
  ///   - source: open for reading.
  ///   - size: of both files, in bytes.
  /// - Returns: whether all of it is shared; false when the contents differ somewhere.
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
      try attempt("ioctl", path) { clinux_share(from, &range) }
      if range.status == CLINUX_CONTENT_DIFFERS { return false }
      guard range.status == 0, range.shared > 0 else {
        let errno = range.status < 0 ? Errno(rawValue: -range.status) : .invalid
        throw SystemError(call: "ioctl", path: path, errno: errno)
      }
      done += Int64(range.shared)
    }
    return true
  }

  /// Lets the kernel begin to read this file's content, all at once and without waiting for it, see
  /// posix_fadvise(2). Only advice.
  package func prefetch() { _ = posix_fadvise(raw, 0, 0, POSIX_FADV_WILLNEED) }

  /// Whether files beneath this directory can share blocks, tried with two that have neither name
  /// nor content.
  ///
  /// - Throws: `SystemError` where this directory takes no new files.
  package func canShareContent() throws(SystemError) -> Bool {
    let first = try openUnnamedFile()
    let second = try openUnnamedFile()
    do throws(SystemError) {
      try attempt("ioctl") { clinux_clone(second.raw, first.raw) }
      // The store uses both ioctls, and a host may have only one of them.
      var nothing = clinux_share_range()
      nothing.targets = 1
      nothing.target = Int64(second.raw)
      try attempt("ioctl") { clinux_share(first.raw, &nothing) }
      return nothing.status == 0
    } catch let error where error.errno.lacksSharing {
      return false
    }
  }

  /// How much of this file's content lies in blocks that some other file uses too, in bytes; nil
  /// where the file system does not tell.
  ///
  /// - Parameter size: of the file, in bytes.
  package func sharedByteCount(size: Int64) throws(SystemError) -> Int64? {
    var shared: Int64 = 0
    var position: Int64 = 0
    while position < size {
      var map = clinux_extent_map()
      map.start = UInt64(position)
      map.length = UInt64(size - position)
      map.count = UInt32(CLINUX_EXTENTS)
      do throws(SystemError) {
        try attempt("ioctl", path) { clinux_map_extents(raw, &map) }
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
  /// The file system or the kernel can't share blocks, or can't report that it does.
  fileprivate var lacksSharing: Bool {
    isUnsupported || [ENOTTY, EXDEV, EISDIR].contains(rawValue)
  }
}
