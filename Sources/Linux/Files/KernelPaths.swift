// Paths as the kernel reports them.

/// Returns the part of an absolute path that follows a directory and a slash; nil when the path is
/// not beneath the directory.
func bytes(of path: ArraySlice<UInt8>, beneath directory: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  let base = directory.elementsEqual("/".utf8) ? [] : directory
  let rest = path.dropFirst(base.count)
  guard path.starts(with: base), rest.first == UInt8(ascii: "/"), rest.count > 1 else { return nil }
  return rest.dropFirst()
}

/// Returns the first component of an absolute path after a directory; nil when the path is not
/// beneath the directory. Bytes that are not UTF-8 are replaced.
func name(of path: ArraySlice<UInt8>, rightBeneath directory: ArraySlice<UInt8>) -> String? {
  bytes(of: path, beneath: directory).map { rest in
    String(decoding: rest.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
  }
}
