import Configuration
import Foundation
import Linux
import Testing

/// A web server that answers each path differently. It ends with the value.
final class WebServer: Sendable {
  private let process: Linux.ChildProcess
  /// The URL without a path.
  let address: String

  private static let script = #"""
    import http.server, json, socketserver, sys, time

    class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.0"
      asked = 0

      def do_GET(self):
        good = {"status": "healthy", "code": 200, "half": 0.5, "ok": True, "none": None,
                "list": [1], "object": {"a": 1}, "text": "1"}
        body, status = json.dumps(good).encode(), 200
        if self.path == "/flaky":
          Handler.asked += 1
          status = 503 if Handler.asked in (1, 3) else 200
        elif self.path == "/503": status, body = 503, b"status 200\n"
        elif self.path == "/text": body = b"all is \033[31mwell\n"
        elif self.path == "/array": body = b"[1]"
        elif self.path == "/cut": body = b'{"status": "healthy"'
        elif self.path == "/big": body = b'{"status": "healthy"' + b" " * (2 << 20) + b"}"
        elif self.path == "/empty": body = b""
        elif self.path == "/close": return
        elif self.path == "/silent": time.sleep(600)
        elif self.path == "/agent": body = str(self.headers).encode()
        self.send_response(302 if self.path == "/moved" else status)
        if self.path == "/moved": self.send_header("Location", "/ok")
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/endless":
          while True: self.wfile.write(b"x"); time.sleep(0.05)

      def address_string(self): return "client"
      def log_message(self, *a): pass

    class Server(socketserver.ThreadingMixIn, socketserver.TCPServer): daemon_threads = True
    class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer): daemon_threads = True

    local = len(sys.argv) > 1
    server = Local(sys.argv[1], Handler) if local else Server(("127.0.0.1", 0), Handler)
    # One write, even where Python does not buffer.
    sys.stdout.write("%d\n" % (0 if local else server.server_address[1]))
    sys.stdout.flush()
    server.serve_forever()
    """#

  /// - Parameter socket: the path of the socket to listen on; nil for a free port.
  /// - Throws: `SystemError` when Python can't be started, or an expectation that failed.
  init(socket: String? = nil) throws {
    let output = try Linux.Pipe()
    let nothing = try Descriptor.open("/dev/null", .readWrite)
    process = try Linux.ChildProcess.start(
      "/usr/bin/env", ["env", "python3", "-c", Self.script] + (socket.map { [$0] } ?? []),
      environment: ProcessInfo.processInfo.environment,
      descriptors: [nothing.raw, output.writing.raw, nothing.raw])
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = try output.reading.read(into: &bytes)
    let line = String(decoding: bytes[..<count], as: UTF8.self)
    let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    address = port == 0 ? "http://localhost" : "http://127.0.0.1:\(port)"
  }

  func probe(_ path: String) -> Configuration.HTTPProbe { .init(url: address + path) }
}
