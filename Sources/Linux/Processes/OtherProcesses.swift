internal import Glibc

extension ProcessFacts {
  /// Returns when a process started, in clock ticks since boot; nil when the process does not
  /// exist. Together with the process ID and the boot ID it identifies a process for all time. See
  /// proc_pid_stat(5), field 22.
  package static func startTime(of pid: Int32) -> UInt64? {
    guard let bytes = try? Descriptor.open("/proc/\(pid)/stat").readAll(),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
  }

  /// Returns when a process started, in clock ticks since boot; nil when it does not exist, or has
  /// ended and its parent has not waited for it yet.
  package static func startTimeIfRunning(of pid: Int32) -> UInt64? {
    guard let started = startTime(of: pid), let text = try? readText("/proc/\(pid)/stat"),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let state = text[text.index(after: end)...].drop { $0 == " " }.first
    return state == "Z" || state == "X" ? nil : started
  }

  /// Returns the ID of the process that holds a flock(2) lock on a file; see proc_locks(5); nil
  /// when there is none or it is not visible. Use the ID only in messages: another process may have
  /// it by the time a person reads it.
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

  /// Returns when a process started, in Unix seconds; nil when the process does not exist. See
  /// proc_stat(5).
  package static func startSeconds(of pid: Int32) -> Int64? {
    guard let ticks = startTime(of: pid), let text = try? readText("/proc/stat"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let boot = Int64(line.dropFirst(6))
    else { return nil }
    return boot + Int64(ticks) / Int64(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Returns whether a process exists, but `/proc` hides it from this user, see hidepid in proc(5).
  package static func isHidden(_ pid: Int32) -> Bool {
    guard kill(pid, 0) == -1, Errno.current == .notPermitted else { return false }
    return (try? status(ofPath: "/proc/\(pid)")) == nil
  }

  /// Returns the arguments of a process, joined by spaces; nil when the process does not exist. See
  /// proc_pid_cmdline(5).
  package static func commandLine(of pid: Int32) -> String? {
    guard let text = try? readText("/proc/\(pid)/cmdline"), !text.isEmpty else { return nil }
    return text.split(separator: "\0").joined(separator: " ")
  }

  /// Returns the name of a process's program, truncated to 15 bytes; see proc_pid_comm(5); nil when
  /// the process does not exist.
  package static func name(of pid: Int32) -> String? {
    guard let text = try? readText("/proc/\(pid)/comm") else { return nil }
    return String(text.prefix { $0 != "\n" })
  }
}
