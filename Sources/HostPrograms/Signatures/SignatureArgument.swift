internal import FoundationEssentials
internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension Signature {
  private static let prefix = "base64:"

  /// How long to wait for a signature from a pipe, in seconds.
  private static let arrivalTime = 60.0

  /// Reads a signature from an argument of the command line.
  ///
  /// - Parameter argument: the path of a file, or `base64:` and the signature in Base64, with or
  ///   without its armor.
  /// - Returns: the signature, not verified.
  /// - Throws: `signatureFile` for a file that can't be read, `signatureMalformed` for anything that
  ///   is not a signature.
  package static func read(_ argument: String) throws(ReleasesError) -> Signature {
    let bytes: [UInt8]?
    let what: String
    if argument.utf8.starts(with: prefix.utf8) {
      let text = argument.dropFirst(prefix.count).filter { !$0.isWhitespace }
      bytes = Data(base64Encoded: text).map { Array($0) }
      what = "the text after \(prefix)"
    } else {
      bytes = try content(of: argument)
      what = argument
    }
    guard let signature = bytes.flatMap(Signature.init(parsing:)) else {
      throw ReleasesError(
        .signatureMalformed, "\(what) is not a signature by ssh-keygen",
        hint: Hint(
          "create the signature ARCHIVE.sig",
          shell: "ssh-keygen -Y sign -n release -f KEY ARCHIVE"))
    }
    return signature
  }

  private static func content(of file: String) throws(ReleasesError) -> [UInt8] {
    do throws(SystemError) {
      return try Descriptor.open(file, [.nonBlocking]).readAll(
        limit: sizeLimit, within: arrivalTime)
    } catch let error where error.errno == .timedOut {
      throw ReleasesError(
        .signatureFile,
        "can't read the signature \(file): it did not arrive within \(Int(arrivalTime)) s",
        hint: "check the command that writes to this pipe")
    } catch let error where error.errno == .fileTooBig {
      throw ReleasesError(
        .signatureMalformed, "\(file) is not a signature by ssh-keygen: it is larger than 64 KiB",
        hint: "pass the signature of the archive with --signature ARCHIVE.sig")
    } catch {
      throw ReleasesError(
        .signatureFile, "can't read the signature \(file)",
        hint:
          "check the path and its permissions, or pass the signature as --signature base64:TEXT",
        cause: Message(error))
    }
  }
}
