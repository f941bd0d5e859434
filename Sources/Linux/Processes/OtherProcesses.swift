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

  /// Returns the IDs of the processes that took the flock(2) locks on a file, as far as they are
  /// visible; see proc_locks(5). A process may have ended since, while a child of it still holds the
  /// lock, and another may have its ID by then.
  package static func lockHolders(of status: FileStatus) -> [Int32] {
    let locks = locks(ofInode: status.inode)
    // On btrfs and overlay the device there is not the one that stat(2) returns.
    let exact = locks.filter { $0.device == status.device }
    return (exact.isEmpty ? locks : exact).map(\.pid)
  }

  private static func locks(ofInode inode: UInt64) -> [(pid: Int32, device: UInt64?)] {
    guard let text = try? readText("/proc/locks") else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 5, fields[1] == "FLOCK", let pid = Int32(fields[4]) else { return nil }
      let file = fields[5].split(separator: ":")
      guard file.count == 3, file[2] == "\(inode)" else { return nil }
      guard let major = UInt64(file[0], radix: 16), let minor = UInt64(file[1], radix: 16) else {
        return (pid, nil)
      }
      // The encoding of st_dev; see makedev(3).
      let device =
        (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xff) << 12 | (major & ~0xfff) << 32
      return (pid, device)
    }
  }

  /// Returns the real, effective and saved user IDs of a process; nil when it does not exist or is
  /// hidden. The owner of `/proc/PID` would be root for a process that can't be dumped.
  package static func users(of pid: Int32) -> Set<UserID>? {
    guard let text = try? readText("/proc/\(pid)/status"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Uid:") })
    else { return nil }
    let users = line.dropFirst(4).split(whereSeparator: { $0 == "\t" || $0 == " " }).prefix(3)
      .compactMap { UserID($0) }
    return users.count == 3 ? Set(users) : nil
  }

  /// Returns whether a process has a file open; false when this user may not find out.
  package static func hasOpen(_ file: FileStatus, _ pid: Int32) -> Bool {
    let directory = "/proc/\(pid)/fd"
    guard let names = try? Descriptor.openDirectory(directory).entries() else { return false }
    return names.contains { entry in
      (try? status(ofPath: "\(directory)/\(entry.name)"))?.isSameFile(as: file) == true
    }
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
