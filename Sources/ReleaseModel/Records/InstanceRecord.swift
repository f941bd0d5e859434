/// Where instances of the service were started, in `.releases/instances.json`; see releases-store(7). After
/// the configuration was changed, commands find them there.
package struct InstanceRecord: Codable, Equatable, Sendable {
  /// How many layouts are kept.
  package static let limit = 8

  /// Where instances may run, the last start first. No two are equal.
  package let layouts: [InstanceLayout]

  /// Makes a record of at most ``limit`` layouts.
  package init(_ layouts: [InstanceLayout]) { self.layouts = Array(layouts.prefix(Self.limit)) }

  /// Returns the record after an instance was started.
  ///
  /// - Parameters:
  ///   - layout: where it is.
  ///   - isUsed: whether instances may still run where another layout says.
  /// - Returns: the record; nil if nothing changes.
  package func starting(
    at layout: InstanceLayout, whereUsed isUsed: (InstanceLayout) -> Bool
  ) -> InstanceRecord? {
    if layouts.first == layout { return nil }
    return InstanceRecord([layout] + layouts.filter { $0 != layout && isUsed($0) })
  }
}
