internal import FoundationEssentials
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

/// Returns a number of bytes with its unit, such as "12 MiB".
func sizeText(_ bytes: Int64) -> String { ByteSize(bytes: bytes).description }

/// Returns a number with its noun, such as "1 release" or "3 releases".
func counted(_ number: Int, _ noun: String) -> String {
  number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
}
