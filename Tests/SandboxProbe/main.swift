import Glibc
import Linux

// What a test can't do to itself. Most of all: goes behind the walls of an unpacker and tries to get
// out; one line for each attempt, with the error's number, 0 for what succeeded. Its argument is the
// directory it may write to.

// Not CommandLine, which needs /proc.
let words = ProcessFacts.arguments()

func report(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

func attempt(_ what: String, _ result: Int) {
  report("\(what) \(result == -1 ? errno : 0)")
}

if words[0] == "--held-signal" {
  // Is ended by a signal that it has held back for a while.
  _ = Signals.onTermination { report("cleaned up 0") }
  let held = Signals.holdTermination()
  kill(getpid(), SIGTERM)
  // Until the watcher has taken it, so that no signal is pending any more.
  var pending = sigset_t()
  repeat { sigpending(&pending) } while sigismember(&pending, SIGTERM) == 1
  while Signals.pendingTermination() == nil {}
  report("pending \(Signals.pendingTermination() ?? 0)")
  held.release()
  while true { pause() }
}

switch words[0] {
case "--open": try open(words[1], paths: Array(words.dropFirst(2)))
case "--change":
  try change(words[1], removing: Array(words.dropFirst(2)))
default: break
}

let stage = try Descriptor.openDirectory(words[0])
let outside = words[0] + "/../outside"
let limits = ResourceLimits(
  memory: 1 << 30, processorTime: 60, fileSize: 1 << 20, openFiles: 64)
let directory = stage.raw
let state = try Sandbox.enter(confinedTo: stage, limits)
for layer in state.layers { report("layer-\(layer.rawValue) 0") }

// What it is for.
attempt("make-file", Int(openat(directory, "f", O_CREAT | O_EXCL | O_WRONLY, 0o600)))
attempt("make-directory", Int(mkdirat(directory, "d", 0o700)))
attempt("make-link", Int(symlinkat("f", directory, "l")))
attempt("hard-link", Int(linkat(directory, "f", directory, "d/h", 0)))
func startThread() throws { try Linux.Thread.start {}.join() }
try startThread()
report("thread 0")

// What it is not for.
attempt("read-outside", Int(open(outside, O_RDONLY)))
attempt("write-outside", Int(open(outside, O_WRONLY)))
attempt("make-outside", Int(openat(directory, "../new", O_CREAT | O_WRONLY, 0o600)))
attempt("directory-outside", Int(mkdirat(directory, "../new", 0o700)))
attempt("link-outside", Int(symlinkat("f", directory, "../new")))
attempt("hard-link-in", Int(linkat(directory, "../outside", directory, "x", 0)))
attempt("hard-link-out", Int(linkat(directory, "f", directory, "../new", 0)))
attempt("list-outside", Int(openat(directory, "..", O_RDONLY | O_DIRECTORY)))
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
let big = openat(directory, "big", O_CREAT | O_WRONLY, 0o600)
attempt("file-too-big", Int(ftruncate(big, 2 << 20)))
