/// Processes that belong together, see setpgid(2).
enum ProcessGroup {
  /// One that still runs of a group, as /proc tells it; nil when none does, or none can be seen.
  static func member(of group: Int32) -> Int32? {
    guard let entries = try? Descriptor.openDirectory("/proc").entries() else { return nil }
    return entries.lazy.compactMap { Int32($0.name) }.first { isRunning($0, in: group) }
  }

  /// After its name, which may hold anything: state, parent, group; see proc_pid_stat(5).
  private static func isRunning(_ pid: Int32, in group: Int32) -> Bool {
    guard let text = try? readText("/proc/\(pid)/stat"),
      let end = text.lastIndex(of: ")")
    else { return false }
    let fields = text[text.index(after: end)...].split(separator: " ", maxSplits: 3)
    return fields.count > 2 && fields[2] == "\(group)" && fields[0] != "Z" && fields[0] != "X"
  }
}
