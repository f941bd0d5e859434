import Foundation
import Testing

/// A server of HTTP on a port of its own, gone with the value.
final class HealthServer {
  let port: Int
  private let process = Process()

  /// - Parameter answer: nil listens and never answers.
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
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script] + [answer].compactMap { $0 }
    let output = Pipe()
    process.standardOutput = output
    try process.runUnmasked()
    let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(said.trimmingCharacters(in: .newlines)))
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
