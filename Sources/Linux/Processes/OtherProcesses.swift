internal import Glibc

extension ProcessFacts {
  /// The process that holds a flock on a file, as /proc/locks tells it; nil when none does or it
  /// can't be told. The number is for messages: it may be another process by the time it is read.
  package static func lockHolder(inode: UInt64) -> Int32? {
    guard let text = try? readText("/proc/locks") else { return nil }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 5, fields[1] == "FLOCK",
        fields[5].split(separator: ":").last == "\(inode)"
      else { continue }
      return Int32(fields[4])
    }
    return nil
  }

  /// When a process began, in Unix seconds; nil when it is gone. See proc_stat(5).
  package static func startSeconds(of pid: Int32) -> Int64? {
    guard let ticks = startTime(of: pid), let text = try? readText("/proc/stat"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let boot = Int64(line.dropFirst(6))
    else { return nil }
    return boot + Int64(ticks) / Int64(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Whether the process exists, but `/proc` hides it from this user (hidepid), see proc(5).
  package static func isHidden(_ pid: Int32) -> Bool {
    guard kill(pid, 0) == -1, Errno.current == .notPermitted else { return false }
    return (try? status(ofPath: "/proc/\(pid)")) == nil
  }

  /// What a process was started as; nil when it is gone.
  package static func commandLine(of pid: Int32) -> String? {
    guard let text = try? readText("/proc/\(pid)/cmdline"), !text.isEmpty else { return nil }
    return text.split(separator: "\0").joined(separator: " ")
  }
}
