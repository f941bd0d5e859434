import Glibc
import Linux

// Does what a test can't do in its own process. With a directory as its argument it enters the
// sandbox of the unpack worker, in which only that directory is writable, tries what each layer
// must block, and prints a line for each attempt with its error number, 0 for success.

// `CommandLine` needs /proc.
let arguments = ProcessFacts.arguments()

func report(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

func attempt(_ what: String, _ result: Int) {
  report("\(what) \(result == -1 ? errno : 0)")
}

if arguments[0] == "--held-signal" {
  // This process ends by a signal that it has blocked for a while.
  _ = Signals.onTermination { report("cleaned up 0") }
  let held = Signals.holdTermination()
  kill(getpid(), SIGTERM)
  // Wait until the watcher has received the signal, so that it is no longer pending.
  var pending = sigset_t()
  repeat { sigpending(&pending) } while sigismember(&pending, SIGTERM) == 1
  while Signals.pendingTermination() == nil {}
  report("pending \(Signals.pendingTermination() ?? 0)")
  held.release()
  while true { pause() }
}

switch arguments[0] {
case "--open": try open(arguments[1], paths: Array(arguments.dropFirst(2)))
case "--change":
  try change(arguments[1], removing: Array(arguments.dropFirst(2)))
default: break
}

let stage = try Descriptor.openDirectory(arguments[0])
let outside = arguments[0] + "/../outside"
let limits = ResourceLimits(
  memory: 1 << 30, processorTime: 60, fileSize: 1 << 20, openFiles: 64)
let directory = stage.raw
let state = try Sandbox.enter(confinedTo: stage, limits)
for layer in state.layers { report("layer-\(layer.rawValue) 0") }

// The following must work.
let newFile = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
let existingDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
let big = openat(directory, "f", newFile, 0o600)
attempt("make-file", Int(big))
attempt("make-directory", Int(mkdirat(directory, "d", 0o700)))
attempt("make-link", Int(symlinkat("f", directory, "l")))
attempt("hard-link", Int(linkat(directory, "f", directory, "d/h", 0)))
func startThread() throws { try Linux.Thread.start {}.join() }
try startThread()
report("thread 0")

// The following must fail.
attempt("read-outside", Int(open(outside, O_RDONLY)))
attempt("write-outside", Int(open(outside, O_WRONLY)))
attempt("make-outside", Int(openat(directory, "../new", newFile, 0o600)))
attempt("directory-outside", Int(mkdirat(directory, "../new", 0o700)))
attempt("link-outside", Int(symlinkat("f", directory, "../new")))
attempt("hard-link-in", Int(linkat(directory, "../outside", directory, "x", 0)))
attempt("hard-link-out", Int(linkat(directory, "f", directory, "../new", 0)))
attempt("list-outside", Int(openat(directory, "..", existingDirectory)))
attempt("rename", Int(renameat(directory, "f", directory, "g")))
attempt("unlink", Int(unlinkat(directory, "f", 0)))
attempt("change-owner", Int(fchownat(directory, "f", 1, 1, 0)))
attempt("change-mode-by-name", Int(fchmodat(directory, "../outside", 0o777, 0)))
attempt("device", Int(mknodat(directory, "n", S_IFCHR | 0o600, 259)))
attempt("socket", Int(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)))
attempt("local-socket", Int(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)))
attempt("program", Int(execve("/bin/true", [nil], [nil])))
var child = pid_t()
report("process \(posix_spawn(&child, "/bin/true", nil, nil, [nil], [nil]))")
attempt("signal", Int(kill(getppid(), 0)))
attempt("set-user", Int(setuid(0)))
let page = mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
attempt("executable-memory", page == MAP_FAILED ? -1 : 0)
attempt("file-too-big", Int(ftruncate(big, 2 << 20)))
