internal import Configuration
internal import FoundationEssentials
internal import Linux
internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The HTML page of a store. It needs no script, no other file and no network.
struct Page: Sendable {
  let status: StatusReport
  let list: ListReport
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
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Releases of \(status.store)\(place)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <header>
      <h1>\(status.store)\(place)</h1>
      <p class="faint">as of <time>\(now.rfc3339)</time>, by releases \(Version.number)</p>
      </header>
      <main>
      \(live)\
      <h2>Releases</h2>
      <section>\(releases)</section>
      <h2>History</h2>
      <section>\(PageTimeline(history.milestones, now: now).drawing)\(transactions)</section>
      <h2>Retention</h2>
      <section>\(retention)</section>
      </main>
      </body>
      </html>

      """
    return page.text
  }

  /// The name of the host after the name of the store; empty if the host has none.
  private var place: String { host.map { " on \($0)" } ?? "" }

  private var live: HTML {
    let release = list.releases.first(where: \.live)
    let emphasis = !status.problems.isEmpty ? "trouble" : status.frozen == nil ? "" : "caution"
    let since: HTML =
      release?.wentLiveBeforeAdoption == true
      ? "<p>live since before it was adopted</p>\n"
      : release?.activated.map { activated in
        "<p>live for \(age(of: activated, now: now)), since <time>\(activated.rfc3339)</time></p>\n"
      } ?? ""
    let ref: HTML = release?.ref.map { "<p>built from \(verbatim: $0)</p>\n" } ?? ""
    let frozen: HTML =
      status.frozen.map { frozen in
        "<p class=\"caution\">frozen since \(frozen.since.rfc3339) by \(frozen.user): \(frozen.reason)</p>\n"
      } ?? ""
    let problems: [HTML] = status.problems.map { "<li>\($0)</li>\n" }
    let trouble: HTML =
      problems.isEmpty ? "" : "<ul class=\"problems trouble\">\n\(problems)</ul>\n"
    return """
      <div class="live \(emphasis)">
      <p>live: <strong>\(verbatim: status.current ?? "nothing")</strong></p>
      \(since)\(ref)\
      <p>rollback target: \(verbatim: status.rollback ?? "none")</p>
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
      let notes: [Message?] = [
        release.entry?.pin.map { "pinned: \(verbatim: $0.reason)" }, release.reason,
      ]
      return """
        <tr><td class="id" data-name="release">\(verbatim: release.id)</td>\
        <td data-name="state" class="\(Self.color(release))">\(state)</td>\
        <td class="short" data-name="created">\(release.created.map { timeAgo($0, now: now) } ?? "")</td>\
        <td class="ref" data-name="ref">\(verbatim: release.ref ?? "")</td>\
        <td class="number" data-name="size">\(sizeText(bytes))</td>\
        <td class="wide"><span class="bar\(release.live ? " live-bar" : "")" \
        style="width: \(max(1, share))%"></span></td>\
        <td class="text" data-name="note">\(notes.compactMap { $0 }.joined(separator: "; "))</td></tr>

        """
    }
    return """
      <table>
      <thead><tr><th>Release</th><th>State</th><th>Created</th><th>Ref</th><th>Size</th>\
      <th><span class="faint">disk space</span></th><th>Note</th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      <p class="faint">\(sizeText(space.freeBytes)) of \(sizeText(space.totalBytes)) free</p>
      """
  }

  private static func color(_ release: ReleaseReport) -> String {
    switch release.emphasis {
    case .good: "good"
    case .caution: "caution"
    case .trouble: "trouble"
    case .none, .bold, .note, .faint: ""
    }
  }

  private var transactions: HTML {
    if history.entries.isEmpty { return "<p>no transactions yet</p>" }
    let rows: [HTML] = history.entries.map { entry in
      let took = entry.finished.map { $0.timeIntervalSince(entry.started) } ?? 0
      let notes = ([entry.stateText].compactMap { $0 } + entry.reasonAndNote).map {
        Message(verbatim: $0)
      }
      return """
        <tr><td><time>\((entry.finished ?? entry.started).rfc3339)</time></td>\
        <td>\(entry.operation.rawValue)</td>\
        <td class="id" data-name="release">\(verbatim: entry.id?.text ?? "")</td>\
        <td class="\(PageTimeline.color(entry))">\(entry.outcomeText ?? "")</td>\
        <td class="number" data-name="took">\(took < 1 ? "" : "\(Int(took)) s")</td>\
        <td data-name="by">\(verbatim: entry.user)</td>\
        <td class="text" data-name="note">\(notes.joined(separator: ": "))</td></tr>

        """
    }
    let rest = history.total - rows.count
    let more: HTML =
      rest > 0 ? "<p class=\"faint\">and \(counted(rest, "older transaction"))</p>" : ""
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
      let notice = Notice(
        "releases.yaml is invalid", hint: Hint("see the error", command: ["check"]))
      return "<p class=\"trouble\">\(notice.line(for: HintReader(store: status.store)))</p>"
    }
    let exception = keep.minFree.map { "; age does not count while less than \($0) is free" } ?? ""
    let rows: [HTML] = prune.decisions.map { decision in
      let isRemoval = decision.action == .remove
      return """
        <tr><td class="id" data-name="release">\(verbatim: decision.id.text)</td>\
        <td class="\(isRemoval ? "caution" : "")">\(isRemoval ? "remove" : "retain")</td>\
        <td>\(decision.reason)</td>\
        <td class="number">\(isRemoval ? "frees " + sizeText(decision.bytes) : "")</td></tr>

        """
    }
    let warnings: [HTML] = prune.warnings.map {
      "<p class=\"caution\">\($0.line(for: HintReader(store: status.store)))</p>\n"
    }
    return """
      <p>The policy retains the live release, the rollback target, pinned releases, the newest \
      \(keep.count) that were ready, and releases younger than \(keep.age.description)\(exception).</p>
      \(warnings)<table>
      <thead><tr><th>Release</th><th>Next prune</th><th>Reason</th><th></th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      """
  }
}
