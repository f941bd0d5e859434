internal import FoundationEssentials
internal import Linux
internal import ReleaseModel

/// Returns the time since a date in one unit: "12s", "5m", "3h", "9d".
func age(of date: Date, now: Date) -> String {
  let seconds = Int64(now.timeIntervalSince(date))
  switch seconds {
  case ..<0: return "in future"
  case ..<100: return "\(seconds)s"
  case ..<(100 * 60): return "\(seconds / 60)m"
  case ..<(48 * 3600): return "\(seconds / 3600)h"
  default: return "\(seconds / 86_400)d"
  }
}

/// Returns the time since a date for a sentence: "5m ago".
func timeAgo(_ date: Date, now: Date) -> String {
  date > now ? "in the future" : "\(age(of: date, now: now)) ago"
}

/// Returns a time in the caller's time zone, as in RFC 3339: `2026-11-29T22:43:56+08:00`.
func localTime(_ date: Date) -> String {
  let offset = LocalTime.offset(at: Int64(date.timeIntervalSince1970.rounded(.down)))
  if offset == 0 { return date.rfc3339 }
  let minutes = abs(offset) / 60
  let parts = [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }
  let local = date.addingTimeInterval(Double(offset)).rfc3339.dropLast()
  return local + (offset < 0 ? "-" : "+") + parts.joined(separator: ":")
}

/// Returns a number of bytes with its unit, such as "12 MiB".
func sizeText(_ bytes: Int64) -> String { ByteSize(bytes: bytes).description }

/// Returns a number with its noun, such as "1 release" or "3 releases".
func counted(_ number: Int, _ noun: String) -> String {
  number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
}
