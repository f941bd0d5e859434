internal import Glibc

/// A point in time with nanoseconds, as file systems store it.
package struct FileTime: Hashable, Comparable, Sendable {
  /// The seconds since 1970-01-01 00:00 UTC; negative before that.
  package let seconds: Int64
  /// The nanoseconds after `seconds`, 0 to 999,999,999.
  package let nanoseconds: Int64

  package init(seconds: Int64, nanoseconds: Int64 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  package static func < (one: FileTime, other: FileTime) -> Bool {
    (one.seconds, one.nanoseconds) < (other.seconds, other.nanoseconds)
  }

  /// Passes this time to a call as both the access time and the modification time.
  func withBothTimes(_ body: (UnsafePointer<timespec>) -> Int32) -> Int32 {
    withUnsafeTemporaryAllocation(of: timespec.self, capacity: 2) { times in
      times.initialize(
        repeating: timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)))
      return times.baseAddress.map { body($0) } ?? -1
    }
  }
}
