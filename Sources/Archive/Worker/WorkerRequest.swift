/// The request to the worker: the first bytes of its standard input, before the archive.
struct WorkerRequest: Equatable {
  /// The size of the length that comes first, in bytes.
  static let prefixSize = 8
  static let lengthLimit: Int64 = 1 << 20

  var options: UnpackOptions
  /// Whether the worker only reports its sandbox layers and unpacks nothing.
  var isProbe = false

  func encoded() -> [UInt8] {
    var wire = WireWriter()
    wire.putFramed(putBody)
    return wire.bytes
  }

  private func putBody(_ body: inout WireWriter) {
    body.put(options.stripComponents)
    body.put(options.allowedLinkTargets)
    body.put(options.replacedPaths)
    body.put(options.readOnlyFiles ? 1 : 0)
    body.put(isProbe ? 1 : 0)
    body.put(options.stripsSingleDirectory ? 1 : 0)
    body.put(options.requiresSandbox ? 1 : 0)
    body.put(options.inheritance.rawValue)
    let limits = options.limits
    for number in [
      limits.bytes, Int64(limits.entries), Int64(limits.ratio), Int64(limits.depth),
      Int64(limits.nameLength), limits.metadata, limits.names, Int64(limits.processorTime),
      Int64(limits.idleTime),
    ] { body.put(number) }
  }

  /// Decodes the bytes after the length. Returns nil for an invalid request.
  init?(decoding body: [UInt8]) {
    var wire = WireReader(body[...])
    var options = UnpackOptions(
      stripComponents: wire.number(as: Int.self), allowedLinkTargets: wire.texts(),
      replacedPaths: wire.texts(),
      readOnlyFiles: wire.number(as: Int.self) == 1)
    isProbe = wire.number(as: Int.self) == 1
    options.stripsSingleDirectory = wire.number(as: Int.self) == 1
    options.requiresSandbox = wire.number(as: Int.self) == 1
    options.inheritance = Inheritance(rawValue: wire.number(as: Int.self))
    options.limits.bytes = wire.number()
    options.limits.entries = wire.number(as: Int.self)
    options.limits.ratio = wire.number(as: Int.self)
    options.limits.depth = wire.number(as: Int.self)
    options.limits.nameLength = wire.number(as: Int.self)
    options.limits.metadata = wire.number()
    options.limits.names = wire.number()
    options.limits.processorTime = wire.number(as: Int.self)
    options.limits.idleTime = wire.number(as: Int.self)
    guard wire.isComplete, options.limits.ratio > 0 else { return nil }
    self.options = options
  }

  init(_ options: UnpackOptions, isProbe: Bool = false) {
    self.options = options
    self.isProbe = isProbe
  }
}
