internal import CLinux
internal import Glibc

extension Descriptor {
  /// Returns the value of an extended attribute of the open file; see fgetxattr(2); nil if the file
  /// has no such attribute, or the file system supports none.
  ///
  /// - Throws: `SystemError` if fgetxattr(2) fails.
  package func attribute(_ name: String) throws(SystemError) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 1024)
    while true {
      let count = value.withUnsafeMutableBytes { fgetxattr(raw, name, $0.baseAddress, $0.count) }
      if count >= 0 { return Array(value[..<count]) }
      let code = Errno.current
      // Most files have none. An error would look up the path, which takes longer than this call.
      if code == .noAttribute || code == .notSupported { return nil }
      guard code == .outOfRange, value.count < Self.attributeLimit else {
        throw SystemError(call: "fgetxattr", path: path, errno: code)
      }
      value = [UInt8](repeating: 0, count: Self.attributeLimit)
    }
  }

  /// Returns the names of the extended attributes of a file or directory in this directory, to which
  /// no other process adds any; see listxattr(2). There are none if the file system supports none.
  ///
  /// - Throws: `SystemError` if listxattr(2) fails, or the file can't be opened where /proc is missing.
  package func attributeNames(of name: String) throws(SystemError) -> [String] {
    do throws(SystemError) {
      return try Self.attributeNames("listxattr") {
        listxattr("/proc/self/fd/\(raw)/\(name)", $0, $1)
      }
    } catch let error where error.errno == .noEntry {
      let file = try open(name, [.noFollow, .nonBlocking])
      return try Self.attributeNames("flistxattr") { flistxattr(file.raw, $0, $1) }
    }
  }

  private static func attributeNames(
    _ call: String, _ list: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(SystemError) -> [String] {
    let size: Int
    do throws(SystemError) {
      size = try systemCall(call) { list(nil, 0) }
    } catch let error where error.errno == .notSupported {
      return []
    }
    if size == 0 { return [] }
    var names = [CChar](repeating: 0, count: size)
    let count = try systemCall(call) {
      names.withUnsafeMutableBufferPointer { list($0.baseAddress, $0.count) }
    }
    return names[..<count].split(separator: 0).map {
      String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// The kernel's limit on the size of an attribute, in bytes.
  private static var attributeLimit: Int { 64 << 10 }

  /// Sets an extended attribute of the open file; see fsetxattr(2).
  ///
  /// - Throws: `SystemError` if fsetxattr(2) fails.
  package func setAttribute(_ name: String, _ value: [UInt8]) throws(SystemError) {
    try systemCall("fsetxattr", path) { fsetxattr(raw, name, value, value.count, 0) }
  }

  /// Makes a directory with these permissions, whatever the umask of this process is; a default
  /// access list still applies; see umask(2). The umask belongs to the whole process, so no other
  /// thread may make files at the same time.
  ///
  /// - Throws: `SystemError` if mkdirat(2) fails.
  package func makeDirectory(_ name: String, exactly mode: FileMode) throws(SystemError) {
    let mask = umask(0)
    defer { _ = umask(mask) }
    try makeDirectory(name, mode: mode)
  }
}

extension AccessList {
  /// Returns the access list of a file.
  ///
  /// - Parameter path: its path. A link is followed.
  /// - Returns: the list; nil if the mode of the file says everything.
  /// - Throws: `SystemError` if getxattr(2) fails, or the list has an unknown format.
  package static func ofFile(_ path: String) throws(SystemError) -> AccessList? {
    var value = [UInt8](repeating: 0, count: 64 << 10)
    do throws(SystemError) {
      let count = try systemCall("getxattr", path) {
        value.withUnsafeMutableBytes { getxattr(path, attribute, $0.baseAddress, $0.count) }
      }
      guard let list = AccessList(decoding: Array(value[..<count])) else {
        throw SystemError(call: "getxattr", path: path, errno: .notPermitted)
      }
      return list
    } catch let error where error.errno == .noAttribute || error.errno == .notSupported {
      return nil
    }
  }
}

extension Errno {
  fileprivate static let outOfRange = Errno(rawValue: ERANGE)
  fileprivate static let noAttribute = Errno(rawValue: ENODATA)
  fileprivate static let notSupported = Errno(rawValue: EOPNOTSUPP)
}
