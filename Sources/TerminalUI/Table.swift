package import Text

/// A table that fits the terminal. On a narrow terminal the least important columns are left out. The
/// last column, which is prose, is then written below its row, because the reason why a release is
/// broken must be readable on every terminal.
package struct Table: Sendable {
  /// The title of a column, and how it is laid out.
  package struct Column: Sendable {
    let title: String
    var isNumber = false
    /// The order in which columns are left out, the highest first; 0 for a column that is never
    /// left out.
    var expendable = 0
    /// The maximum width on a terminal, in columns.
    var widest = Int.max

    package init(
      title: String, isNumber: Bool = false, expendable: Int = 0, widest: Int = .max
    ) {
      self.title = title
      self.isNumber = isNumber
      self.expendable = expendable
      self.widest = widest
    }
  }

  /// The text of a cell.
  package struct Cell: Sendable {
    let text: String
    var emphasis = Emphasis.none

    package init(text: Message, emphasis: Emphasis = .none) {
      self.init(shown: text.text, emphasis: emphasis)
    }

    /// Makes a cell of an identifier, a number, or words of this program.
    package init(verbatim text: String, emphasis: Emphasis = .none) {
      self.init(text: Message(verbatim: text), emphasis: emphasis)
    }

    fileprivate init(shown text: String, emphasis: Emphasis = .none) {
      self.text = text
      self.emphasis = emphasis
    }
  }

  let columns: [Column]
  /// The rows.
  package var rows: [[Cell]] = []

  package init(columns: [Column], rows: [[Cell]] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// The number of spaces between two columns.
  private static let gap = 2
  /// The minimum width of prose beside its row, in columns.
  private static let minimumProseWidth = 20
  /// The indentation of prose below its row, in columns.
  private static let indent = 4
  /// The maximum number of lines of prose. `show` and `--json` print all of it.
  private static let proseLines = 3

  /// Returns the lines of the table.
  package func rendered(_ style: Style) -> String {
    let cells = rows.map { row in
      zip(row, columns).map { cell, column in
        let text = style.printable(cell.text)
        return Cell(
          shown: style.columns == nil ? text : text.cut(toWidth: column.widest, style.ellipsis),
          emphasis: cell.emphasis)
      }
    }
    let widths = columns.indices.map { index in
      cells.reduce(columns[index].title.displayWidth) { max($0, $1[index].text.displayWidth) }
    }
    guard let shown = fitting(cells, widths, style) else {
      return cells.map { flowing($0, style) }.joined()
    }
    let header = columns.map { Cell(shown: $0.title, emphasis: .bold) }
    var text = line(header.map { $0 }, shown, widths, style).text + "\n"
    for row in cells { text += entry(row, shown, widths, style) }
    return text
  }

  // MARK: - Choice of columns

  /// Returns the columns to show side by side; nil if even the important ones do not fit.
  private func fitting(_ cells: [[Cell]], _ widths: [Int], _ style: Style) -> [Int]? {
    var shown = columns.indices.filter { index in
      // An empty column would only take space.
      columns[index].expendable == 0 || cells.contains { !$0[index].text.isEmpty }
    }
    guard let available = style.columns else { return shown }
    func needed() -> Int {
      shown.reduce(-Self.gap) { sum, index in
        let isProse = index == columns.count - 1
        return sum + Self.gap
          + (isProse ? min(widths[index], Self.minimumProseWidth) : widths[index])
      }
    }
    while needed() > available {
      let expendable = shown.filter { columns[$0].expendable > 0 }
      guard
        let next = expendable.max(by: { columns[$0].expendable < columns[$1].expendable })
      else { return nil }
      shown.removeAll { $0 == next }
    }
    return shown
  }

  // MARK: - Rows

  /// Returns the lines of a row, with its prose beside or below it.
  private func entry(
    _ cells: [Cell], _ shown: [Int], _ widths: [Int], _ style: Style
  ) -> String {
    guard let available = style.columns else {
      return line(cells, shown, widths, style).text + "\n"
    }
    let prose = cells[columns.count - 1]
    if shown.last != columns.count - 1 {
      return line(cells, shown, widths, style).text + "\n" + below(prose, style)
    }
    let rest = available - (line(cells, shown, widths, style).start)
    let pieces = wrapped(prose.text, width: rest, style)
    return pieces.indices.map { number in
      var row = number == 0 ? cells : columns.map { _ in Cell(shown: "") }
      row[columns.count - 1] = Cell(shown: pieces[number], emphasis: prose.emphasis)
      return line(row, shown, widths, style).text + "\n"
    }.joined()
  }

  /// Returns one line of the table.
  ///
  /// - Returns: the text, and the position of its last column.
  private func line(
    _ cells: [Cell], _ shown: [Int], _ widths: [Int], _ style: Style
  ) -> (text: String, start: Int) {
    var text = ""
    var start = 0
    for index in shown {
      let cell = cells[index]
      let padding = String(
        repeating: " ", count: max(0, widths[index] - cell.text.displayWidth))
      let styled = cell.emphasis.apply(cell.text, style)
      text += columns[index].isNumber ? padding + styled : styled + padding
      if index != shown.last {
        text += String(repeating: " ", count: Self.gap)
        start += widths[index] + Self.gap
      }
    }
    while text.last == " " { text.removeLast() }
    return (text, start)
  }

  /// Returns prose as indented lines.
  private func below(_ prose: Cell, _ style: Style) -> String {
    if prose.text.isEmpty { return "" }
    let margin = String(repeating: " ", count: Self.indent)
    return wrapped(prose.text, width: (style.columns ?? Int.max) - Self.indent, style)
      .map { margin + prose.emphasis.apply($0, style) + "\n" }.joined()
  }

  /// Returns a row without columns: its cells one after another, as many on a line as fit.
  private func flowing(_ cells: [Cell], _ style: Style) -> String {
    let available = style.columns ?? Int.max
    var lines: [String] = []
    var used = available
    for (cell, column) in zip(cells.dropLast(), columns) where !cell.text.isEmpty {
      // A number is meaningless without the title of its column.
      let text = column.isNumber ? "\(column.title.lowercased()) \(cell.text)" : cell.text
      let indent = lines.isEmpty ? 0 : Self.indent
      let margin = String(repeating: " ", count: indent)
      if used + Self.gap + text.displayWidth <= available {
        lines[lines.count - 1] += String(repeating: " ", count: Self.gap)
        lines[lines.count - 1] += cell.emphasis.apply(text, style)
        used += Self.gap + text.displayWidth
        continue
      }
      let pieces = TextLayout.wrap(text, width: available - Self.indent, isBreaking: true)
      lines += pieces.map { margin + cell.emphasis.apply($0, style) }
      used = indent + (pieces.last?.displayWidth ?? 0)
    }
    return lines.map { $0 + "\n" }.joined() + below(cells[columns.count - 1], style)
  }

  /// Returns the lines of prose, cut after ``proseLines``.
  ///
  /// - Returns: at least one line.
  private func wrapped(_ text: String, width: Int, _ style: Style) -> [String] {
    var lines = TextLayout.wrap(text, width: width, isBreaking: true)
    if lines.count > Self.proseLines {
      let last = lines[Self.proseLines - 1] + " " + lines[Self.proseLines]
      lines = lines.prefix(Self.proseLines - 1) + [last.cut(toWidth: width, style.ellipsis)]
    }
    return lines.isEmpty ? [""] : lines
  }
}
