package import Linux
package import ReleaseModel
internal import StoreSupport

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
    let descriptor = try OwnedFile.open(
      Layout.configuration, in: directory, path: file, .configuration,
      instead: "move it out of the way; without a configuration the defaults hold")
    guard let descriptor else { return Configuration() }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try descriptor.readAll(limit: YAMLReader.sizeLimit)
    } catch let error where error.errno == .fileTooBig {
      throw YAMLReader.tooBig(file)
    } catch {
      throw ReleasesError("can't read \(file)", error)
    }
    return try Configuration(parsing: bytes, file: file)
  }
}
