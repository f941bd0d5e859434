internal import CLinux
internal import Glibc

// The linker replaces calls between the linked libraries with these functions; see `Package.swift`.

/// Replaces clone3(2). The C library falls back to clone(2) if the call is missing (ENOSYS), but
/// not if a container's profile blocks it (EPERM). With ENOSYS it always uses clone(2).
@_cdecl("__wrap___clone3")
func refuseClone3() -> Int32 {
  errno = ENOSYS
  return -1
}

/// Replaces the Swift runtime's search for a debugger beside this program. The runtime makes that
/// search at each start, and it ends the process if `/proc` is not mounted.
@_cdecl("__wrap_swift_copyAuxiliaryExecutablePath")
func findNoDebugger(_ name: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? { nil }

/// Replaces fstat(3), which this program and libarchive call. The C library would call newfstatat(2),
/// which the sandbox of the unpack worker blocks since it takes a path.
@_cdecl("__wrap_fstat")
func statusOfOpenFile(_ file: Int32, _ status: UnsafeMutableRawPointer?) -> Int32 {
  clinux_fstat(file, status)
}
