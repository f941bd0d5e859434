internal import FoundationEssentials
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The table of releases.
struct PageReleases {
  let list: ListReport
  let now: Date

  /// The whole section.
  var markup: HTML {
    """
    <section class="card" aria-labelledby="releases">
    <h2 id="releases">Releases</h2>
    \(list.releases.isEmpty ? "<p>no releases yet</p>\n" : table.markup)</section>

    """
  }

  private var table: PageTable {
    PageTable(
      heading: "releases",
      columns: [
        .init("Release"), .init("State", "brief state"), .init("Created", "short"),
        .init("Ref", "ref"), .init("Size", "short"), .init("Note", "text"),
      ],
      rows: list.releases.map { release in
        [
          HTML.identifier(release.id), "\(states(release))",
          "\(verbatim: release.created.map { timeAgo($0, now: now) } ?? "")",
          HTML.identifier(release.ref), size(release), "\(release.note)",
        ]
      })
  }

  private func states(_ release: ReleaseReport) -> [HTML] {
    let isTarget = release.id == list.rollback
    let roles: [HTML] = [
      release.live ? HTML.badge("live", .good) : "",
      release.unconfirmed ? HTML.badge("unconfirmed", .caution) : "",
      release.instanceRole.map { HTML.badge($0, .caution) } ?? "",
      isTarget ? HTML.badge("rollback target", .note) : "",
      isTarget && list.rollbackWhole == false ? HTML.badge("modified", .trouble) : "",
    ]
    let isPlain = release.state == "ready" && (release.live || isTarget)
    return isPlain ? roles : roles + [HTML.badge(release.state, release.emphasis)]
  }

  /// The disk space that no other release shares, and its part of that of the largest release.
  private func size(_ release: ReleaseReport) -> HTML {
    func own(_ release: ReleaseReport) -> Int64 { release.ownBytes ?? release.bytes ?? 0 }
    let largest = max(1, list.releases.map { own($0) }.max() ?? 1)
    let share = Int((Double(own(release)) / Double(largest) * 100).rounded())
    return """
      \(verbatim: sizeText(own(release)))\
      <svg class="bar" aria-hidden="true"><rect width="\(max(1, min(100, share)))%" height="100%" \
      class="\(release.live ? "good" : "plain")"/></svg>
      """
  }
}
