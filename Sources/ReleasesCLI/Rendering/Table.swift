/// Rows in columns that fit the terminal: the least important columns go first, then the last one
/// is cut.
struct Table: Sendable {
  struct Column: Sendable {
    let title: String
    var isNumber = false
    /// 0 is never left out; of the others the highest goes first.
    var expendable = 0
  }

  struct Cell: Sendable {
    let text: String
    var emphasis = Emphasis.none
  }

  let columns: [Column]
  var rows: [[Cell]] = []

  private static let gap = 2
  /// The last column is not shown narrower than this.
  private static let narrowest = 12

  func rendered(_ style: Style) -> String {
    let widths = columns.indices.map { index in
      rows.reduce(columns[index].title.count) { max($0, $1[index].text.count) }
    }
    let shown = fitting(widths, style)
    let header = columns.map { Cell(text: $0.title, emphasis: .bold) }
    return ([header] + rows).map { line($0, shown, widths, style) + "\n" }.joined()
  }

  private func fitting(_ widths: [Int], _ style: Style) -> [Int] {
    var shown = columns.indices.filter { index in
      // A column nobody fills only takes room.
      columns[index].expendable == 0 || rows.contains { !$0[index].text.isEmpty }
    }
    guard let room = style.columns else { return shown }
    func needed() -> Int {
      shown.enumerated().reduce(0) { sum, item in
        let isLast = item.offset == shown.count - 1
        let width = widths[item.element]
        return sum + (isLast ? min(width, Self.narrowest) : width + Self.gap)
      }
    }
    while needed() > room,
      let next = shown.filter({ columns[$0].expendable > 0 })
        .max(by: { columns[$0].expendable < columns[$1].expendable })
    {
      shown.removeAll { $0 == next }
    }
    return shown
  }

  private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ style: Style) -> String {
    var text = ""
    var used = 0
    for index in shown {
      let cell = cells[index]
      var content = cell.text
      let isLast = index == shown.last
      if isLast, let room = style.columns, used + content.count > room {
        content = content.prefix(max(0, room - used - 1)) + style.ellipsis
      }
      let padding = String(repeating: " ", count: max(0, widths[index] - content.count))
      let styled = cell.emphasis.apply(content, style)
      if columns[index].isNumber {
        text += padding + styled
      } else {
        text += isLast ? styled : styled + padding
      }
      if !isLast { text += String(repeating: " ", count: Self.gap) }
      used += widths[index] + Self.gap
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}
