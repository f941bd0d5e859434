package import Linux

extension FileKind {
  /// The kind as a noun, for messages.
  package var noun: String {
    switch self {
    case .file: "file"
    case .directory: "directory"
    case .symbolicLink: "link"
    case .other: "special file"
    }
  }
}
