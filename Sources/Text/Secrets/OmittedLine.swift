/// The text in place of a line that is too long to be read whole, in which secrets could not be
/// recognized.
///
/// - Parameter limit: the maximum length of a line, in bytes.
/// - Returns: the text without a newline.
package func omittedLine(longerThan limit: Int) -> String {
  "[a line of more than \(limit) bytes left out]"
}
