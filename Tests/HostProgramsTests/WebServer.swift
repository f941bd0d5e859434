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
    import http.server, json, os, socket, socketserver, sys, time

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
        elif self.path == "/lines": body = b'{\n\t"a": 1,\r\n\n"b": 2}\r\n \n\r'
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
        if self.path == "/last":
          self.wfile.flush()
          self.connection.shutdown(socket.SHUT_WR)
          os._exit(0)
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

  /// - Parameters:
  ///   - socket: the path of the socket to listen on; nil for a free port.
  ///   - directory: the working directory.
  /// - Throws: `SystemError` when Python can't be started, or an expectation that failed.
  init(socket: String? = nil, directory: String = "/") throws {
    let place = try Descriptor.openDirectory(directory)
    let output = try Linux.Pipe()
    let nothing = try Descriptor.open("/dev/null", .readWrite)
    process = try Linux.ChildProcess.start(
      "/usr/bin/env", ["env", "python3", "-c", Self.script] + (socket.map { [$0] } ?? []),
      environment: ProcessInfo.processInfo.environment,
      descriptors: [nothing.raw, output.writing.raw, nothing.raw], directory: place.raw)
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = try output.reading.read(into: &bytes)
    let line = String(decoding: bytes[..<count], as: UTF8.self)
    let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    address = port == 0 ? "http://localhost" : "http://127.0.0.1:\(port)"
  }

  /// Starts a server that answers 503 and ends after some seconds, and waits until it listens.
  init(failingAt port: Int, seconds: Double, directory: String) throws {
    let script = """
      import http.server, os, sys, threading
      class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self): self.send_error(503)
        def log_message(self, *a): pass
      server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
      threading.Timer(float(sys.argv[2]), os._exit, [3]).start()
      os.write(1, b"\\n")
      server.serve_forever()
      """
    let output = try Linux.Pipe()
    let nothing = try Descriptor.open("/dev/null", .readWrite)
    let place = try Descriptor.openDirectory(directory)
    process = try Linux.ChildProcess.start(
      "/usr/bin/env", ["env", "python3", "-c", script, "\(port)", "\(seconds)"],
      environment: ProcessInfo.processInfo.environment,
      descriptors: [nothing.raw, output.writing.raw, nothing.raw], directory: place.raw)
    var bytes = [UInt8](repeating: 0, count: 1)
    _ = try output.reading.read(into: &bytes)
    address = "http://127.0.0.1:\(port)"
  }

  var pid: Int32 { process.pid }
  /// The host and the port.
  var place: String { String(address.dropFirst("http://".count)) }

  func probe(_ path: String) -> Configuration.HTTPProbe { .init(url: address + path) }
}
