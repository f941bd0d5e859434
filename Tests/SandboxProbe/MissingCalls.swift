import Glibc
import Linux

// Operations that must have the same results without some system calls, which the caller blocks.

/// Prints for each path beneath a directory the content of the file or the error number.
func open(_ directory: String, paths: [String]) throws -> Never {
  let root = try Descriptor.openDirectory(directory)
  for path in paths { report("\(path) \(result(of: path, beneath: root))") }
  exit(0)
}

private func result(of path: String, beneath root: borrowing Descriptor) -> String {
  do throws(SystemError) {
    let file = try root.openBeneath(path, [.nonBlocking])
    guard try file.status().kind == .file else { return "opened" }
    return String(decoding: try file.readAll(), as: UTF8.self)
  } catch {
    return "\(error.call) \(error.errno.rawValue)"
  }
}

/// Makes, moves and removes files for the test, and prints the error number of each operation.
func change(_ directory: String, removing names: [String]) throws -> Never {
  let root = try Descriptor.openDirectory(directory)
  for name in names {
    perform("remove-\(name)") { () throws(SystemError) in try root.removeTree(name) }
  }
  let place = try root.openDirectory("place")
  try move(from: root, to: place)
  perform("unnamed") { () throws(SystemError) in
    let file = try place.openUnnamedFile()
    try file.write([1, 2])
    if try file.status().linkCount != 0 { report("unnamed has a name") }
  }
  perform("in-memory") { () throws(SystemError) in
    let file = try Descriptor.inMemory("probe", [1, 2, 3])
    if try file.read(count: 9, at: 0) != [1, 2, 3] { report("in-memory differs") }
  }
  perform("allocate") { () throws(SystemError) in
    let file = try place.open("allocated", [.readWrite, .create])
    try file.write([7])
    try file.allocate(8192)
    let expected = [7] + [UInt8](repeating: 0, count: 8191)
    if try file.read(count: 9000, at: 0) != expected { report("allocated differs") }
  }
  perform("start", start)
  exit(0)
}

private func move(
  from root: borrowing Descriptor, to place: borrowing Descriptor
) throws(SystemError) {
  for (name, newName) in [
    ("file", "file"), ("link", "link"), ("directory", "directory"), ("second", "file"),
    ("another", "empty"),
  ] {
    perform("move-\(name)") { () throws(SystemError) in
      try root.move(name, to: place, as: newName)
    }
  }
}

private func start() throws(SystemError) {
  // The new process inherits this descriptor unless it is closed there.
  let inherited = fcntl(1, F_DUPFD, 50)
  let nothing = try Descriptor.open("/dev/null")
  let program = try CapturedProcess(
    "/bin/bash", ["bash", "-c", "! { echo >&\(inherited); } 2>&3 && echo started >&4"],
    environment: [:], input: nothing, others: [nothing.raw, 1])
  if try program.result(within: 30).ending != .exited(0) { report("start differs") }
}

private func perform(_ what: String, _ body: () throws(SystemError) -> Void) {
  do throws(SystemError) {
    try body()
    report("\(what) 0")
  } catch {
    report("\(what) \(error.errno.rawValue)")
  }
}
