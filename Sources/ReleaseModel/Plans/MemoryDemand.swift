package import Text

/// Decides whether a second instance of the service fits the memory of the host.
package struct MemoryDemand: Equatable, Sendable {
  /// The memory that the host can give to a new process, in bytes; see MemAvailable in proc_meminfo(5).
  package let available: Int64
  /// The memory that the new instance is expected to need, in bytes.
  package let needed: Int64
  /// Whether ``needed`` is what the live instance uses, rather than what the configuration says.
  package let isMeasured: Bool

  package init(available: Int64, needed: Int64, isMeasured: Bool) {
    self.available = available
    self.needed = needed
    self.isMeasured = isMeasured
  }

  /// Why the instance must not start, in one line; nil when it may.
  package var problem: Message? {
    guard available < needed else { return nil }
    let reason: Message = isMeasured ? "as much as the live instance uses" : "set by service.memory"
    return """
      a second instance needs \(ByteSize(bytes: needed).description) of memory, \(reason), and the \
      host has \(ByteSize(bytes: available).description)
      """
  }
}
