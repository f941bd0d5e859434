package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

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
      Layout.configuration, .configuration, in: directory, path: file, .configuration,
      notAFileHint: "move it away; without a configuration the defaults apply")
    guard let descriptor else { return missing(directory, path: path + slash) }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try descriptor.readAll(limit: YAMLReader.sizeLimit)
    } catch let error where error.errno == .fileTooBig {
      throw YAMLReader.tooBig(file)
    } catch {
      throw ReleasesError("can't read \(file)", error)
    }
    var configuration = try Configuration(parsing: bytes, file: file)
    for found in misnamed(in: directory) {
      configuration.notices.append(
        Notice(
          "\(path + slash + found) is not read, since \(file) is",
          hint: Hint(
            "if its settings are not needed, move it away",
            shell: "mv \((path + slash + found).shellQuoted)"
              + " \((path + slash + found + ".unused").shellQuoted)")))
    }
    return configuration
  }

  /// Returns the names of files that were probably meant as the configuration.
  private static func misnamed(in directory: borrowing Descriptor) -> [String] {
    var found: [String] = []
    for name in ["releases.yml", ".releases.yaml", ".releases.yml"]
    where (try? directory.statusIfPresent(of: name)) ?? nil != nil {
      found.append(name)
    }
    return found
  }

  /// Returns the default configuration, with a notice about a file that was probably meant.
  private static func missing(_ directory: borrowing Descriptor, path: String) -> Configuration {
    var configuration = Configuration()
    for name in misnamed(in: directory) {
      let (found, meant) = (path + name, path + Layout.configuration)
      configuration.notices.append(
        Notice(
          "\(found) is not read, and there is no \(meant); the defaults apply",
          hint: Hint("rename it", shell: "mv \(found.shellQuoted) \(meant.shellQuoted)")))
    }
    return configuration
  }
}
