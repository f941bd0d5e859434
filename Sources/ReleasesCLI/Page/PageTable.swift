/// A table of the page. On a narrow screen each row is a card, in which every cell repeats the title of
/// its column. The roles keep it a table for screen readers there.
struct PageTable {
  /// A column.
  struct Column {
    let title: HTML
    /// The style class of its cells; empty for none.
    var style: HTML = ""

    init(_ title: HTML, _ style: HTML = "") { (self.title, self.style) = (title, style) }
  }

  /// The ID of the heading that names the table.
  let heading: HTML
  let columns: [Column]
  /// The content of each cell. The first cell names its row, and an empty one is no part of a card.
  var rows: [[HTML]] = []

  /// The whole table.
  var markup: HTML {
    let titles: [HTML] = columns.map {
      "<th scope=\"col\" role=\"columnheader\" class=\"\($0.style)\">\($0.title)</th>"
    }
    let lines: [HTML] = rows.map { "<tr role=\"row\">\(cells($0))</tr>\n" }
    return """
      <table role="table" aria-labelledby="\(heading)">
      <thead role="rowgroup"><tr role="row">\(titles)</tr></thead>
      <tbody role="rowgroup">
      \(lines)</tbody>
      </table>

      """
  }

  private func cells(_ row: [HTML]) -> [HTML] {
    zip(columns, row).enumerated().map { number, cell in
      let (column, content) = cell
      return number == 0
        ? "<th scope=\"row\" role=\"rowheader\" class=\"\(column.style)\">\(content)</th>"
        : """
        <td role="cell" class="\(column.style)" data-name="\(column.title)">\(content)</td>
        """
    }
  }
}
