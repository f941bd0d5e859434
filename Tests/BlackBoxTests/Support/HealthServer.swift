import Foundation
import TestSupport
import Testing

/// An HTTP server on a port of its own that ends with the value.
final class HealthServer {
  let port: Int
  private let server: BackgroundProgram

  /// - Parameter answer: the body of every answer; nil for a server that listens and never answers.
  /// - Throws: an expectation that failed, or an error of ``Program``.
  init(answer: String?) throws {
    let script = """
      import http.server, json, socket, sys, time
      class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
          self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[1].encode())
        def log_message(self, *words): pass
      if len(sys.argv) > 1:
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True); server.serve_forever()
      else:
        server = socket.create_server(("127.0.0.1", 0))
        print(server.getsockname()[1], flush=True); time.sleep(600)
      """
    server = try BackgroundProgram(["python3", "-c", script] + [answer].compactMap { $0 })
    let line = server.firstOutput()
    port = try #require(Int(line.trimmingCharacters(in: .newlines)))
  }
}
