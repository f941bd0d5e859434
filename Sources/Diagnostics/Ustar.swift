/// The tar archive of a report. A header of 512 bytes a file takes fewer lines than starting a tar
/// of the host, which wants files on a disk; see pax(1), ustar interchange format.
enum Ustar {
  private static let block = 512

  static func archive(_ members: [ReportArchive.Member], at time: Int64) -> [UInt8] {
    let content = members.flatMap { member in
      header(member.name, size: member.content.count, time: time) + padded(member.content)
    }
    return content + [UInt8](repeating: 0, count: 2 * block)
  }

  private static func padded(_ content: [UInt8]) -> [UInt8] {
    let rest = content.count % block
    return rest == 0 ? content : content + [UInt8](repeating: 0, count: block - rest)
  }

  private static func header(_ name: String, size: Int, time: Int64) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    put(String(name.prefix(100)), at: 0)
    put(octal(0o600, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(Int64(size), 11), at: 124)
    put(octal(max(0, time), 11), at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar\u{0}00", at: 257)
    // The sum counts its own field as the spaces that are there now.
    put(octal(header.reduce(Int64(0)) { $0 + Int64($1) }, 6) + "\u{0} ", at: 148)
    return header
  }

  private static func octal(_ number: Int64, _ digits: Int) -> String {
    let text = String(number, radix: 8).suffix(digits)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
