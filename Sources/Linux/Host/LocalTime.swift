internal import Glibc

/// The time zone of the caller: the one that `TZ` names, or else that of the host.
package enum LocalTime {
  /// Returns how far local time is ahead of UTC; see localtime(3).
  ///
  /// - Parameter seconds: the moment, in seconds since 1970.
  /// - Returns: the difference in seconds; 0 when it is unknown.
  package static func offset(at seconds: Int64) -> Int {
    var moment = time_t(seconds)
    var parts = tm()
    // localtime_r(3) does not have to read TZ.
    tzset()
    return localtime_r(&moment, &parts) == nil ? 0 : parts.tm_gmtoff
  }
}
