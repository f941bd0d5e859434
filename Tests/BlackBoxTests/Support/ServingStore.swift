import Foundation
import TestSupport
import Testing

/// A store whose releases are small web servers, which the activate hook starts in the background. The
/// servers end with the value.
final class ServingStore {
  let store: TestStore
  let port: Int
  /// The file with the process IDs of all servers that were started.
  private var pids: String { "\(store.directory)/pids" }

  /// A server that answers /VERSION. The arguments are the port, the seconds before it listens, and the
  /// seconds after which it ends; 0 for never.
  private static let application = """
    import http.server, os, socket, sys, threading, time
    port, delay, life = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    class Server(http.server.ThreadingHTTPServer):
      def server_bind(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()
    class Handler(http.server.SimpleHTTPRequestHandler):
      def do_GET(self):
        super().do_GET() if life == 0 else self.send_error(503)
      def log_message(self, *words): pass
    time.sleep(delay)
    server = Server(("127.0.0.1", port), Handler)
    if life: threading.Timer(life, os._exit, [3]).start()
    server.serve_forever()
    """

  /// - Parameters:
  ///   - hook: the activate hook, a script that may use the functions `stop_old` and `start`.
  ///   - timeout: the time limit of the health check.
  /// - Throws: an expectation that failed.
  init(hook: String = "stop_old; start", timeout: String = "30s") throws {
    store = try TestStore()
    port = try Self.freePort()
    let functions = """
      stop_old() { for pid in $(cat \(pids) 2>/dev/null); do kill $pid 2>/dev/null; done; :; }
      start() { setsid python3 app.py \(port) $(cat delay) $(cat life) >/dev/null 2>&1 & \
      echo $! >> \(pids); }

      """
    try Data((functions + hook + "\n").utf8)
      .write(to: URL(fileURLWithPath: "\(store.directory)/hook.sh"))
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: '. \(store.directory)/hook.sh', timeout: 20s}}
      health: {url: 'http://127.0.0.1:\(port)/VERSION', timeout: \(timeout), interval: 200ms}
      """)
  }

  deinit {
    let text = (try? String(contentsOfFile: pids, encoding: .utf8)) ?? ""
    for pid in text.split(separator: "\n").compactMap({ Int32($0) }) { kill(pid, SIGKILL) }
  }

  /// The servers that were started, in their order.
  func servers() throws -> [Int32] {
    try String(contentsOfFile: pids, encoding: .utf8).split(separator: "\n").compactMap {
      Int32($0)
    }
  }

  /// Publishes a release.
  ///
  /// - Parameters:
  ///   - id: its ID.
  ///   - delay: the seconds before it listens.
  ///   - life: the seconds after which it ends; until then it answers 503. 0 for a release that works.
  /// - Throws: an expectation that failed.
  func publish(_ id: String, delay: Double = 0, life: Double = 0) throws {
    let archive = try store.archive([
      "VERSION": id, "app.py": Self.application, "delay": "\(delay)", "life": "\(life)",
    ])
    try store.expectSuccess(["unpack", archive, "--id", id])
  }

  /// Returns what the service answers.
  func answer() throws -> String {
    try Program.run(["curl", "-s", "http://127.0.0.1:\(port)/VERSION"]).output
  }

  private static func freePort() throws -> Int {
    let script =
      "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])"
    let text = try Program.expect(["python3", "-c", script]).output
    return try #require(Int(text.trimmingCharacters(in: .newlines)))
  }
}

/// `python3 -m http.server` on a free port, as people start it by hand. It ends with the value.
final class FileServer {
  private let server: BackgroundProgram
  let port: Int

  /// - Parameters:
  ///   - directory: the working directory.
  ///   - content: the directory that is served; nil for the working directory.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  init(in directory: String, serving content: String? = nil) throws {
    server = try BackgroundProgram(
      ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
        + (content.map { ["--directory", $0] } ?? []), directory: directory)
    let line = server.firstOutput()
    port = try #require(line.firstMatch(of: #/port (\d+)/#).flatMap { Int($0.1) }, "\(line)")
  }

  var pid: Int32 { server.pid }
}
