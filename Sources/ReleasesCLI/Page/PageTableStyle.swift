extension Page {
  /// A ref of 40 characters stays on one line if there is space; no text is ever cut off.
  static let tables: HTML = """
    table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
    th, td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; font-weight: 400; }
    tr > :last-child { padding-right: 0; }
    thead th { color: var(--faint); font-size: .875rem; padding-top: 0; white-space: nowrap; }
    tbody tr > * { border-top: 1px solid var(--line); }
    p + table { margin-top: .75rem; }
    table .mono, .fit { display: block; width: max-content; max-width: 20ch; overflow-wrap: anywhere; }
    table .mono { line-height: 1.75; }
    table .ref .mono { max-width: 40ch; }
    .short { white-space: nowrap; font-variant-numeric: tabular-nums; }
    .state { min-width: 7rem; }
    .text { min-width: 13rem; overflow-wrap: anywhere; }
    .state .badge { margin: 0 .25rem .125rem 0; }
    .bar { display: block; width: 5rem; height: .375rem; margin-top: .25rem; border-radius: .2rem;
      background: var(--plain-ground); fill: var(--bar); }
    .bar .good { fill: var(--good); }
    @media (max-width: 76rem) {
      table .ref .mono { max-width: 20ch; }
      .fit { max-width: 14ch; }
      .text { min-width: 11rem; }
    }
    """

  /// Below the width of a table, each row is a card.
  static let narrow: HTML = """
    @media screen and (max-width: 64rem) {
      body { padding: 1.25rem 1rem 3rem; }
      .card { padding: .875rem 1rem; }
      .pair { grid-template-columns: minmax(0, 1fr); }
      table, tbody, tr, th, td { display: block; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      tbody tr { border-top: 1px solid var(--line); padding: .625rem 0; }
      tbody tr > * { border: 0; padding: .1rem 0; }
      tbody th, tbody th .mono { font-size: 1rem; }
      td:empty { display: none; }
      tbody td { position: relative; padding-left: 6rem; min-width: 0; }
      td::before { content: attr(data-name); position: absolute; left: 0; color: var(--faint);
        font-size: .875rem; }
      td.brief { display: inline-block; padding: .1rem .5rem .1rem 0; }
      td.brief::before { content: none; }
      td.brief .mono { font-size: .9375rem; }
      table .mono, table .ref .mono, .fit { width: auto; max-width: none; }
    }
    @media screen and (max-width: 30rem) {
      li { grid-template-columns: minmax(0, 1fr); gap: .25rem; }
    }
    """

  static let paper: HTML = """
    @media print {
      @page { margin: 1.5cm; }
      :root { color-scheme: light; --ground: #ffffff; font-size: 8.5pt; }
      body { max-width: none; padding: 0; }
      .card { padding: .5rem .75rem; margin-top: .75rem; overflow: visible; }
      .badge { padding: 0; background: none !important; }
      .state .badge { margin: 0; }
      .badge + .badge::before { content: ", "; color: var(--text); }
      th, td { padding: .25rem .5rem .25rem 0; }
      .text { min-width: 10rem; }
      tr, li, .pair > *, dl > * { break-inside: avoid; }
      h2 { break-after: avoid; }
      thead { display: table-header-group; }
      pre { border: 1px solid var(--line); }
      .bar { display: none; }
    }
    """
}
