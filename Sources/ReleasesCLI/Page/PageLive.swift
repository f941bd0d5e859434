internal import FoundationEssentials
internal import Linux
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The live release and the rollback target, side by side.
struct PageLive {
  let status: StatusReport
  let list: ListReport
  let space: FileSystemFacts
  let now: Date

  /// Both cards, and the facts below them.
  var markup: HTML {
    """
    <div class="pair">
    <section class="card \(HTML.color(status.current == nil ? .trouble : live?.emphasis ?? .caution))" \
    aria-labelledby="live">
    <h2 id="live">Live</h2>
    \(liveRelease)</section>
    <section class="card \(HTML.color(rollbackEmphasis))" aria-labelledby="target">
    <h2 id="target">Rollback target</h2>
    \(rollbackTarget)</section>
    </div>
    \(facts)
    """
  }

  private var live: ReleaseReport? { list.releases.first(where: \.live) }

  private var rollbackEmphasis: Emphasis {
    if status.rollback == nil { return .caution }
    return status.rollbackWhole == false ? .trouble : .note
  }

  private var liveRelease: HTML {
    let badges: [HTML] = [
      live?.unconfirmed == true ? HTML.badge("unconfirmed", .caution) : "",
      live.map { $0.state == "ready" ? "" : HTML.badge($0.state, $0.emphasis) } ?? "",
    ]
    let since: HTML =
      if live?.wentLiveBeforeAdoption == true {
        "<p class=\"faint\">live since before it was adopted</p>\n"
      } else if let activated = live?.activated, live?.unconfirmed == false {
        """
        <p class="faint">live for \(age(of: activated, now: now)), since \(HTML.time(activated)) UTC</p>

        """
      } else {
        ""
      }
    return """
      <p class="big">\(verbatim: status.current ?? "nothing") \(badges)</p>
      \(ref(of: live))\(since)
      """
  }

  private var rollbackTarget: HTML {
    let release = list.releases.first { $0.id == status.rollback }
    let badge: HTML = status.rollbackWhole == false ? HTML.badge("modified", .trouble) : ""
    let created: HTML =
      release?.created.map { "<p class=\"faint\">created \(timeAgo($0, now: now))</p>\n" } ?? ""
    return """
      <p class="big">\(verbatim: status.rollback ?? "none") \(badge)</p>
      \(ref(of: release))\(created)
      """
  }

  private func ref(of release: ReleaseReport?) -> HTML {
    release?.ref.map { "<p>\(HTML.identifier($0))</p>\n" } ?? ""
  }

  /// The instances of the service and the link that the front connects to; empty if it has none.
  private var instances: HTML {
    guard let link = status.liveLink else { return "" }
    let lines: [HTML] = status.instances.map { instance in
      let badge = HTML.badge(instance.role, instance.emphasis)
      let listens: HTML =
        instance.listening == false
        ? " does not listen" : instance.listening == true ? " listens" : ""
      return "<dd>\(HTML.identifier(instance.release)) \(badge)\(listens)</dd>\n"
    }
    return """
      <div><dt>Instances</dt>
      \(lines)</div>
      <div><dt>Live link</dt><dd>\(link.text)</dd></div>

      """
  }

  private var facts: HTML {
    let bytes = list.releases.reduce(0) { $0 + ($1.ownBytes ?? $1.bytes ?? 0) }
    let lastSwitch: HTML =
      status.earlierSwitch.map {
        "<div><dt>Last switch</dt><dd>\($0.text(now: now))</dd></div>\n"
      } ?? ""
    let inodes: HTML = status.freeInodes.map { ", \(Int($0)) inodes" } ?? ""
    return """
      <dl>
      \(instances)<div><dt>Last transaction</dt><dd>\(status.last?.text(now: now) ?? "none")</dd></div>
      \(lastSwitch)<div><dt>Releases</dt><dd>\(list.releases.count), \(sizeText(bytes))</dd></div>
      <div><dt>Free space</dt><dd>\(sizeText(space.freeBytes)) of \
      \(sizeText(space.totalBytes))\(inodes)</dd></div>
      </dl>

      """
  }
}
