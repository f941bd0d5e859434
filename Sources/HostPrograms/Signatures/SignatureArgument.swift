internal import FoundationEssentials
internal import Linux
package import ReleaseModel

extension Signature {
  private static let prefix = "base64:"

  /// Reads a signature as the command line names it: a file, or `base64:` and the signature, with
  /// or without its armor, in Base64.
  ///
  /// Throws `signatureFile` for a file that can't be read, `signatureMalformed` for no signature.
  package static func read(_ argument: String) throws(ReleasesError) -> Signature {
    let bytes: [UInt8]?
    let what: String
    if argument.utf8.starts(with: prefix.utf8) {
      let text = argument.dropFirst(prefix.count).filter { !$0.isWhitespace }
      bytes = Data(base64Encoded: text).map { Array($0) }
      what = "what follows \(prefix)"
    } else {
      bytes = try content(of: argument)
      what = argument
    }
    guard let signature = bytes.flatMap(Signature.init(parsing:)) else {
      throw ReleasesError(
        .signatureMalformed, "\(what) is no signature by ssh-keygen",
        hint: "make one with: ssh-keygen -Y sign -n release -f KEY ARCHIVE; it is in ARCHIVE.sig")
    }
    return signature
  }

  private static func content(of file: String) throws(ReleasesError) -> [UInt8] {
    do throws(SystemError) {
      return try Descriptor.open(file).readAll(limit: sizeLimit)
    } catch let error where error.errno == .fileTooBig {
      throw ReleasesError(
        .signatureMalformed, "\(file) is no signature by ssh-keygen: it is larger than 64 KiB",
        hint: "give the archive's .sig file: --signature ARCHIVE.sig")
    } catch {
      throw ReleasesError(
        .signatureFile, "can't read the signature \(file)",
        hint: "check the path and its permissions, or send it as --signature base64:TEXT",
        cause: error.description)
    }
  }
}
