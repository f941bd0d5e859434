internal import Archive
internal import Configuration
internal import FoundationEssentials
internal import Linux
internal import Operations
internal import ReleaseModel
internal import Text

/// The HTML page of a store. It needs no script, no other file and no network, and its policy forbids
/// a browser to use any.
struct Page: Sendable {
  let status: StatusReport
  let list: ListReport
  /// What needs attention and what is under way.
  let findings: [StoreFinding]
  let history: PageHistory
  /// What the next prune will do; nil when the configuration is invalid.
  let prune: PruneResult?
  let keep: Configuration.Keep?
  let space: FileSystemFacts
  /// The name of the host; nil if it has none.
  let host: String?
  let now: Date

  /// The whole document.
  var text: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <title>Releases of \(status.store)\(place)</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <header>
      <h1>\(status.store)<span class="faint">\(place)</span></h1>
      <p class="faint">as of \(HTML.time(now)) UTC, by releases \(verbatim: Version.number)</p>
      </header>
      <main>
      \(PageFindings(findings: findings, freeze: status.frozen, store: status.store).markup)\
      \(PageLive(status: status, list: list, space: space, now: now).markup)\
      \(PageReleases(list: list, now: now).markup)\
      \(PageTransactions(history: history, now: now).markup)\
      \(PageRetention(prune: prune, keep: keep, store: status.store).markup)\
      </main>
      </body>
      </html>

      """
    return page.text
  }

  /// The name of the host after the name of the store; empty if the host has none.
  private var place: String { host.map { " on \($0)" } ?? "" }

  /// The content security policy: the style sheet of this page, and nothing else.
  private static var policy: HTML {
    let digest = Data(SHA256.digest(of: Array(style.text.utf8)).bytes).base64EncodedString()
    return """
      default-src 'none'; style-src 'sha256-\(verbatim: digest)'; base-uri 'none'; form-action 'none'
      """
  }
}
