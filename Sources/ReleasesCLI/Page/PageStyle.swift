extension Page {
  /// The style sheet. It follows the light or dark preference of the reader's system, and shows tables
  /// in one column on a narrow screen.
  static let style: HTML = """
    :root {
      color-scheme: light dark;
      --ground: #fbfbfa; --card: #ffffff; --text: #1d2125; --faint: #5c6570; --line: #e2e4e7;
      --good: #1a7f4b; --caution: #9a6700; --trouble: #b42318; --note: #0b6bcb; --bar: #9db8d6;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14171a; --card: #1c2024; --text: #e8eaed; --faint: #a0a8b1; --line: #30363c;
        --good: #4cc38a; --caution: #e2b340; --trouble: #ff7b72; --note: #6cb6ff; --bar: #3f5f82;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem;
      background: var(--ground); color: var(--text);
      font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif;
    }
    h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
    p { margin: .25rem 0; }
    .faint { color: var(--faint); }
    .good { color: var(--good); } .caution { color: var(--caution); }
    .trouble { color: var(--trouble); } .note { color: var(--note); }
    section, .live {
      background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
      padding: .75rem 1rem; overflow-x: auto;
    }
    .live { margin-top: 1rem; border-left: .4rem solid var(--good); }
    .live.caution { border-left-color: var(--caution); color: inherit; }
    .live.trouble { border-left-color: var(--trouble); color: inherit; }
    .live strong { font-size: 1.35rem; overflow-wrap: anywhere; }
    ul.problems { margin: .5rem 0 0; padding-left: 1.2rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; }
    th { font-weight: 600; color: var(--faint); font-size: .85rem; }
    tr + tr td { border-top: 1px solid var(--line); }
    td.short { white-space: nowrap; }
    td.number { text-align: right; white-space: nowrap; }
    td.id, time { font-variant-numeric: tabular-nums; white-space: nowrap; }
    td.wide { width: 14%; min-width: 4rem; }
    td.ref { max-width: 11rem; overflow-wrap: anywhere; }
    td.text { min-width: 14rem; overflow-wrap: anywhere; }
    .bar { display: block; height: .6rem; margin-top: .45rem; border-radius: .3rem;
      background: var(--bar); min-width: 2px; }
    .bar.live-bar { background: var(--good); }
    .line { position: relative; height: 2rem; margin: 0 .5rem; }
    .line::before { content: ""; position: absolute; top: 1rem; left: 0; right: 0;
      border-top: 1px solid var(--line); }
    .line i { position: absolute; top: .7rem; width: .65rem; height: .65rem;
      margin-left: -.325rem; border-radius: 50%; background: currentColor; }
    @media (max-width: 40rem) {
      table, tbody, tr, td { display: block; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
        clip-path: inset(50%); }
      tr + tr { border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .5rem; }
      tr + tr td { border-top: 0; }
      td { padding: .05rem 0; }
      td.number { text-align: left; }
      td[data-name]:not(:empty)::before {
        content: attr(data-name) " "; color: var(--faint); font-size: .85rem;
      }
      td.wide, td.ref, td.text { width: auto; min-width: 0; max-width: none; }
    }
    """
}
