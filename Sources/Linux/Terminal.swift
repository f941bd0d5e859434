internal import CLinux
internal import Glibc

/// The three standard streams.
package enum StandardStream: Int32, Sendable {
  case input = 0
  case output = 1
  case error = 2

  /// See isatty(3).
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// The terminal's width in columns; nil when it is no terminal or does not know.
  package var columns: Int? {
    let columns = Int(clinux_terminal_columns(rawValue))
    return columns > 0 ? columns : nil
  }

  /// Writes all of it, whatever it is.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try Descriptor.duplicate(rawValue).write(bytes)
  }

  /// Writes all of it.
  package func write(_ text: String) throws(SystemError) {
    var text = text
    let failure: SystemError? = text.withUTF8 { buffer in
      var rest = UnsafeRawBufferPointer(buffer)
      do throws(SystemError) {
        while !rest.isEmpty {
          let written = try attempt("write") { Glibc.write(rawValue, rest.baseAddress, rest.count) }
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }
}
