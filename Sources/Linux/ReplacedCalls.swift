internal import Glibc

// What the linker puts in the place of calls between the libraries we link, see `Package.swift`.

/// In the place of clone3(2). The C library falls back to clone(2) where the call is missing
/// (ENOSYS), but not where a container's profile refuses it (EPERM); so it never gets as far.
@_cdecl("__wrap___clone3")
func refuseClone3() -> Int32 {
  errno = ENOSYS
  return -1
}

/// In the place of the Swift runtime's search for a debugger beside this program, which it makes at
/// each start, and which ends the process where `/proc` is not mounted.
@_cdecl("__wrap_swift_copyAuxiliaryExecutablePath")
func findNoDebugger(_ name: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? { nil }
