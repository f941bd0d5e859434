import Foundation
import TestSupport
import Testing

/// What can stand in the place of a file or directory of a store.
enum HostileShape: String, CaseIterable, Sendable {
  case emptySparse, grownSparse, grownBelowLimit, pipe, device, socket, linkToDevice, linkToPipe
  case danglingLink, linkLoop, directory, unreadable, millionLines, longLine, longText
  case nestedObjects, nestedArrays, notUTF8, nulBytes, empty

  /// The shapes that this user can make.
  static let possible = allCases.filter { User.isRoot || $0 != .device }

  /// The first lines of a script that all shapes share: the old file is moved away.
  private static let prelude = """
    set -eu; p=$1; d=${p%/*}; n=${p##*/}; mkdir -p "$d"
    gone() { rm -rf "$p"; }
    """

  private var script: String {
    switch self {
    case .emptySparse: "gone; truncate -s 1T \"$p\""
    // What is there stays, and a hole follows it.
    case .grownSparse: "test -d \"$p\" || truncate -s 1T \"$p\""
    case .grownBelowLimit: "test -d \"$p\" || truncate -s 200M \"$p\""
    case .pipe: "gone; mkfifo \"$p\""
    case .device: "gone; mknod \"$p\" c 1 5"
    case .socket:
      """
      gone; cd "$d"
      python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "./$n"
      """
    case .linkToDevice: "gone; ln -s /dev/zero \"$p\""
    case .linkToPipe: "gone; mkfifo \"$2/pipe\"; ln -s \"$2/pipe\" \"$p\""
    case .danglingLink: "gone; ln -s nowhere \"$p\""
    case .linkLoop: "gone; ln -s \"$n\" \"$p\""
    case .directory: "gone; mkdir \"$p\"; echo x > \"$p/f\""
    case .unreadable: "test -e \"$p\" || : > \"$p\"; chmod 0 \"$p\""
    case .millionLines: "gone; yes '{\"a\":1}' | head -n 1000000 > \"$p\""
    // A line of 1 GiB, whose middle is a hole.
    case .longLine: "gone; printf x > \"$p\"; truncate -s 1G \"$p\"; echo x >> \"$p\""
    case .longText: "gone; head -c 32M /dev/zero | tr '\\0' x > \"$p\""
    case .nestedObjects: "gone; yes '{\"a\":' | head -n 200000 | tr -d '\\n' > \"$p\""
    case .nestedArrays: "gone; yes '[' | head -n 500000 | tr -d '\\n' > \"$p\""
    case .notUTF8: "gone; printf '\\377\\376\\200%.0s' 1 2 3 4 5 6 7 8 > \"$p\""
    case .nulBytes: "gone; head -c 100000 /dev/zero > \"$p\""
    case .empty: "gone; : > \"$p\""
    }
  }

  /// Puts the shape in the place of a file.
  ///
  /// - Parameters:
  ///   - path: the full path.
  ///   - directory: a directory for what a link points to.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  func make(at path: String, beside directory: String) throws {
    let owner = "test ! -e \"$p\" && test ! -L \"$p\" || chown -h --reference=\"$3\" \"$p\""
    try Program.expect([
      "sh", "-c", "\(Self.prelude)\n\(script)\n\(owner)", "sh", path, directory,
      "\(directory)/store",
    ])
  }
}
