package import Linux
package import ReleaseModel
internal import StoreSupport

extension Configuration {
  /// Reads the configuration of a store.
  ///
  /// - Parameters:
  ///   - directory: the directory of the store.
  ///   - path: the path of the store, for messages.
  /// - Returns: the default configuration when the store has none.
  /// - Throws: `configuration` for a file that is invalid, `unsafeOwner` when other users can write
  ///   to it, another error when it can't be read.
  package static func load(
    directory: borrowing Descriptor, path: String
  ) throws(ReleasesError) -> Configuration {
    let slash = path.utf8.last == UInt8(ascii: "/") ? "" : "/"
    let file = path + slash + Layout.configuration
    let descriptor = try OwnedFile.open(
      Layout.configuration, in: directory, path: file, .configuration,
      notAFileHint: "move it away; without a configuration the defaults apply")
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
