internal import CLinux

/// The C library that is part of the binary.
package enum CLibrary {
  /// The version of glibc.
  package static var version: String { String(cString: gnu_get_libc_version()) }
}
