internal import Glibc

/// The memory of the host and of control groups.
package enum MemoryFacts {
  /// Returns how many bytes new processes can get without swapping; see MemAvailable in
  /// proc_meminfo(5). Nil if `/proc` does not tell.
  package static var available: Int64? {
    guard let text = try? readText("/proc/meminfo") else { return nil }
    return value(of: "MemAvailable:", in: text).map { $0 * 1024 }
  }

  /// Returns how many bytes the processes of a control group have allocated. Cached files are not
  /// counted. Nil if the kernel does not tell.
  ///
  /// - Parameter group: the path of the group as systemd prints it, such as
  ///   `/system.slice/app.service`.
  /// - Returns: the number of bytes.
  package static func allocated(by group: String) -> Int64? {
    let places = [("/sys/fs/cgroup", "anon"), ("/sys/fs/cgroup/memory", "total_rss")]
    for (root, key) in places {
      guard let text = try? readText("\(root)\(group)/memory.stat") else { continue }
      if let bytes = value(of: key, in: text) { return bytes }
    }
    return nil
  }

  private static func value(of key: String, in text: String) -> Int64? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 1, words[0] == key { return Int64(words[1]) }
    }
    return nil
  }
}
