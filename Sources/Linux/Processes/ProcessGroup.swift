/// The processes of a process group; see setpgid(2).
enum ProcessGroup {
  /// Returns a running process of a group as `/proc` lists it; nil when there is none, or none is
  /// visible.
  static func member(of group: Int32) -> Int32? {
    guard let entries = try? Descriptor.openDirectory("/proc").entries() else { return nil }
    return entries.lazy.compactMap { Int32($0.name) }.first { isRunning($0, in: group) }
  }

  /// Reads the state, parent and group that follow the name in parentheses, which may contain any
  /// character; see proc_pid_stat(5).
  private static func isRunning(_ pid: Int32, in group: Int32) -> Bool {
    guard let text = try? readText("/proc/\(pid)/stat"),
      let end = text.lastIndex(of: ")")
    else { return false }
    let fields = text[text.index(after: end)...].split(separator: " ", maxSplits: 3)
    return fields.count > 2 && fields[2] == "\(group)" && fields[0] != "Z" && fields[0] != "X"
  }
}
