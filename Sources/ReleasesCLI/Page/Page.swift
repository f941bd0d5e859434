internal import Configuration
internal import FoundationEssentials
internal import Linux
internal import Operations
internal import ReleaseModel
internal import TerminalUI

/// A store on one page that needs nothing else: no script, no other file, no network.
struct Page: Sendable {
  /// So many transactions are told, the newest.
  private static let mostEntries = 100

  let status: StatusReport
  let list: ListReport
  let history: [JournalEntry]
  /// Nil when the configuration can't be understood.
  let prune: PruneResult?
  let keep: Configuration.Keep?
  let space: FileSystemFacts
  let now: Date

  var text: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Releases of \(status.store)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <header>
      <h1>\(status.store)</h1>
      <p class="faint">as of <time>\(now.rfc3339)</time>, by releases \(Version.number)</p>
      </header>
      <main>
      \(live)\
      <h2>Releases</h2>
      <section>\(releases)</section>
      <h2>What happened</h2>
      <section>\(PageTimeline(history, now: now).drawing)\(transactions)</section>
      <h2>Retention</h2>
      <section>\(retention)</section>
      </main>
      </body>
      </html>

      """
    return page.text
  }

  private var live: HTML {
    let release = list.releases.first(where: \.live)
    let worst = !status.problems.isEmpty ? "trouble" : status.frozen == nil ? "" : "caution"
    let since: HTML =
      release?.activated.map { activated in
        "<p>live for \(age(of: activated, now: now)), since <time>\(activated.rfc3339)</time></p>\n"
      } ?? ""
    let ref: HTML = release?.ref.map { "<p>built from \($0)</p>\n" } ?? ""
    let frozen: HTML =
      status.frozen.map { frozen in
        "<p class=\"caution\">frozen since \(frozen.since.rfc3339) by \(frozen.user): \(frozen.reason)</p>\n"
      } ?? ""
    let problems: [HTML] = status.problems.map { "<li>\($0)</li>\n" }
    let trouble: HTML =
      problems.isEmpty ? "" : "<ul class=\"problems trouble\">\n\(problems)</ul>\n"
    return """
      <div class="live \(worst)">
      <p>live is <strong>\(status.current ?? "nothing")</strong></p>
      \(since)\(ref)\
      <p>a rollback goes to \(status.rollback ?? "nothing: there is no other that is good")</p>
      \(frozen)\(trouble)\
      </div>

      """
  }

  private var releases: HTML {
    if list.releases.isEmpty { return "<p>no releases yet</p>" }
    let largest = max(1, list.releases.map { $0.bytes ?? 0 }.max() ?? 1)
    let rows: [HTML] = list.releases.map { release in
      let bytes = release.ownBytes ?? release.bytes ?? 0
      let share = Int((Double(bytes) / Double(largest) * 100).rounded())
      let roles = [release.live ? "live" : nil, release.id == list.rollback ? "rollback" : nil]
      let state = ([release.state] + roles.compactMap { $0 }).joined(separator: ", ")
      let notes = [release.entry?.pin.map { "pinned: \($0.reason)" }, release.reason]
      return """
        <tr><td class="id" data-name="release">\(release.id)</td>\
        <td data-name="state" class="\(Self.colour(release))">\(state)</td>\
        <td class="short" data-name="made">\(release.created.map { age(of: $0, now: now) + " ago" } ?? "")</td>\
        <td data-name="ref">\(release.ref ?? "")</td>\
        <td class="number" data-name="size">\(sizeText(bytes))</td>\
        <td class="wide"><span class="bar\(release.live ? " live-bar" : "")" \
        style="width: \(max(1, share))%"></span></td>\
        <td data-name="note">\(notes.compactMap { $0 }.joined(separator: "; "))</td></tr>

        """
    }
    return """
      <table>
      <thead><tr><th>Release</th><th>State</th><th>Made</th><th>Ref</th><th>Size</th>\
      <th><span class="faint">of its own on the disk</span></th><th>Note</th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      <p class="faint">\(sizeText(space.freeBytes)) of \(sizeText(space.totalBytes)) free</p>
      """
  }

  private static func colour(_ release: ReleaseReport) -> String {
    switch release.emphasis {
    case .good: "good"
    case .caution: "caution"
    case .trouble: "trouble"
    case .none, .bold, .note, .faint: ""
    }
  }

  private var transactions: HTML {
    if history.isEmpty { return "<p>nothing has happened yet</p>" }
    let rows: [HTML] = history.prefix(Self.mostEntries).map { entry in
      let took = entry.finished.map { $0.timeIntervalSince(entry.started) } ?? 0
      let notes = [entry.newState?.rawValue, entry.reason, entry.note].compactMap { $0 }
      return """
        <tr><td><time>\((entry.finished ?? entry.started).rfc3339)</time></td>\
        <td>\(entry.operation.rawValue)</td>\
        <td class="id" data-name="release">\(entry.id?.text ?? "")</td>\
        <td class="\(PageTimeline.colour(entry))">\(entry.outcome?.rawValue ?? "")</td>\
        <td class="number" data-name="took">\(took < 1 ? "" : "\(Int(took)) s")</td>\
        <td data-name="by">\(entry.user)</td>\
        <td data-name="note">\(notes.joined(separator: ": "))</td></tr>

        """
    }
    let rest = history.count - rows.count
    let more: HTML = rest > 0 ? "<p class=\"faint\">and \(rest) before these</p>" : ""
    return """
      <table>
      <thead><tr><th>When</th><th>What</th><th>Release</th><th>Outcome</th><th>Took</th>\
      <th>Who</th><th>Note</th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>\(more)
      """
  }

  private var retention: HTML {
    guard let prune, let keep else {
      return "<p class=\"trouble\">releases.yaml can't be understood; see: releases check</p>"
    }
    let room = keep.minFree.map { ", and what keeps \($0) free" } ?? ""
    let rows: [HTML] = prune.decisions.map { decision in
      let isGoing = decision.action == .remove
      return """
        <tr><td class="id" data-name="release">\(decision.id.text)</td>\
        <td class="\(isGoing ? "caution" : "")">\(isGoing ? "goes" : "stays")</td>\
        <td>\(decision.reason)</td>\
        <td class="number">\(isGoing ? "frees " + sizeText(decision.bytes) : "")</td></tr>

        """
    }
    let doubts: [HTML] = prune.warnings.map {
      "<p class=\"caution\">\($0.line(store: status.store))</p>\n"
    }
    return """
      <p>kept are the newest \(keep.count) that were ready, what is younger than \
      \(keep.age.description), what is live, pinned or the way back\(room).</p>
      \(doubts)<table>
      <thead><tr><th>Release</th><th>Next prune</th><th>Why</th><th></th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      """
  }
}
