package import Linux

extension Configuration {
  /// Reads the configuration of a store; the defaults when it has none.
  ///
  /// - Parameters:
  ///   - directory: the store.
  ///   - path: the store's path, for messages.
  /// - Throws: `.configuration` for what the file says or is, `.unsafeOwner` when somebody else
  ///   could have written it, `.permission` and others when it can't be read.
  package static func load(
    directory: borrowing Descriptor, path: String
  ) throws(ReleasesError) -> Configuration {
    let slash = path.utf8.last == UInt8(ascii: "/") ? "" : "/"
    let file = path + slash + Layout.configuration
    guard let descriptor = try open(in: directory, file: file) else { return Configuration() }
    let doing = "can't read \(file)"
    let status = try attempting(doing) { () throws(SystemError) in try descriptor.status() }
    let store = try attempting(doing) { () throws(SystemError) in try directory.status() }
    try check(status, store: store, file: file)
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try descriptor.readAll(limit: YAMLReader.sizeLimit)
    } catch let error where error.errno == .fileTooBig {
      throw YAMLReader.tooBig(file)
    } catch {
      throw ReleasesError(doing, error)
    }
    return try Configuration(parsing: bytes, file: file)
  }

  /// Nil when there is none. Whatever else the name may stand for, opening it neither blocks nor
  /// leads out of the store.
  private static func open(
    in directory: borrowing Descriptor, file: String
  ) throws(ReleasesError) -> Descriptor? {
    do throws(SystemError) {
      return try directory.open(Layout.configuration, [.noFollow, .nonBlocking])
    } catch let error where error.errno == .noEntry {
      return nil
    } catch let error where error.errno == .tooManyLinks {
      throw ReleasesError(
        .configuration, "\(file) is a symbolic link",
        hint: "put the file itself there, so that one owner and mode say who may change it")
    } catch {
      throw ReleasesError("can't open \(file)", error)
    }
  }

  /// Its hooks run as the store's owner, so nobody else may have a say in them.
  private static func check(
    _ status: FileStatus, store: FileStatus, file: String
  ) throws(ReleasesError) {
    guard status.kind == .file else {
      throw ReleasesError(
        .configuration, "\(file) is not a regular file",
        hint: "move it out of the way; without a configuration the defaults hold")
    }
    guard status.owner == store.owner || status.owner == 0 else {
      throw ReleasesError(
        .unsafeOwner,
        "\(file) belongs to user \(status.owner), neither the store's owner nor root",
        hint: "chown \(store.owner) \(file)")
    }
    guard status.permissions & 0o022 == 0 else {
      throw ReleasesError(
        .unsafeOwner, "\(file) may be written by its group or by others",
        hint: "chmod go-w \(file)")
    }
  }
}
