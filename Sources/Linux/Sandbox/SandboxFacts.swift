extension Sandbox.State {
  /// Compares the reported layers with what the kernel shows of the process, as far as `/proc` shows
  /// it: Landlock and the limits are not shown there.
  ///
  /// - Parameter process: the process that has reported them.
  /// - Returns: a reported layer that the process does not have; nil when there is none, or when
  ///   nothing is known of the process.
  package func layerNotFound(in process: ChildProcess) -> Sandbox.Layer? {
    guard let text = try? readText("/proc/\(process.pid)/status") else { return nil }
    let lines = text.split(separator: "\n")
    let value = { (field: String) -> Substring? in
      lines.first { $0.hasPrefix(field + ":\t") }.map { $0.dropFirst(field.utf8.count + 2) }
    }
    return layers.first { layer in
      switch layer {
      case .noNewPrivileges: return value("NoNewPrivs") == "0"
      case .noCapabilities:
        return ["CapInh", "CapPrm", "CapEff"].contains { value($0)?.contains { $0 != "0" } == true }
      case .seccomp: return value("Seccomp").map { $0 != "2" } ?? false
      case .landlock, .privateRoot, .privateProcesses, .resourceLimits: return false
      }
    }
  }
}
