extension Page {
  /// The style sheet. It follows the light or dark preference of the reader's system, and paper is
  /// always white.
  static let style: HTML = "\n\(colors)\n\(layout)\n\(tables)\n\(narrow)\n\(paper)\n"

  /// Each pair of a text and its ground has a contrast of at least 4.5.
  static let colors: HTML = """
    :root {
      color-scheme: light dark;
      --ground: #f6f7f8; --card: #ffffff; --text: #1c2126; --faint: #58626d; --line: #dfe3e7;
      --good: #17703f; --good-ground: #e3f4ea; --caution: #855800; --caution-ground: #fbefd3;
      --trouble: #ab1f16; --trouble-ground: #fde7e4; --note: #0a5bad; --note-ground: #e3effb;
      --plain: #4d5761; --plain-ground: #eceff2; --bar: #9fb3c8; --code: #f1f3f5;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --ground: #121518; --card: #1a1e22; --text: #e6e9ec; --faint: #9fa9b3; --line: #2e343a;
        --good: #5fce94; --good-ground: #16332a; --caution: #e5b84f; --caution-ground: #3a2f12;
        --trouble: #ff8d84; --trouble-ground: #43201e; --note: #7dbdff; --note-ground: #17314b;
        --plain: #b5bec7; --plain-ground: #2a3036; --bar: #4d6780; --code: #121518;
      }
    }
    .faint { color: var(--faint); }
    .good { color: var(--good); } .caution { color: var(--caution); }
    .trouble { color: var(--trouble); } .note { color: var(--note); }
    .badge.plain { color: var(--plain); background: var(--plain-ground); }
    .badge.good { background: var(--good-ground); }
    .badge.caution { background: var(--caution-ground); }
    .badge.trouble { background: var(--trouble-ground); }
    .badge.note { background: var(--note-ground); }
    """

  static let layout: HTML = """
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 74rem; padding: 2rem 1.5rem 4rem;
      background: var(--ground); color: var(--text);
      font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif;
      -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
    }
    h1, h2, p, dl, dd, ul, pre { margin: 0; padding: 0; }
    h1 { font-size: 1.5rem; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
    h1 .faint { font-weight: 400; }
    h2 { font-size: 1rem; font-weight: 650; margin-bottom: .5rem; }
    p, li, dd { overflow-wrap: anywhere; }
    .mono, code { font: .8125rem/1.5 ui-monospace, "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono",
      monospace; }
    .mono { overflow-wrap: anywhere; }
    .card {
      margin-top: 1.25rem; padding: 1rem 1.25rem; border: 1px solid var(--line);
      border-radius: .625rem; background: var(--card); color: var(--text); overflow-x: auto;
    }
    .card.good { border-top: 3px solid var(--good); }
    .card.note { border-top: 3px solid var(--note); }
    .card.caution { border-top: 3px solid var(--caution); }
    .card.trouble { border-top: 3px solid var(--trouble); }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.25rem; }
    .pair h2 { margin: 0; font-weight: 400; color: var(--faint); }
    .big { font-size: 1.5rem; line-height: 1.4; font-weight: 650; }
    .badge {
      display: inline-block; padding: .05rem .5rem; border-radius: 1rem;
      font: 600 .8125rem/1.45 system-ui, "Noto Sans", sans-serif; white-space: nowrap;
    }
    .big .badge { vertical-align: .25rem; }
    ul { list-style: none; }
    li { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .75rem;
      padding: .625rem 0; border-top: 1px solid var(--line); align-items: start; }
    li:last-child { padding-bottom: 0; }
    ul + p { margin-top: .625rem; }
    li.single { grid-template-columns: minmax(0, 1fr); }
    li .badge { justify-self: start; margin-top: .1rem; }
    pre { margin: .375rem 0; padding: .375rem .75rem; border-radius: .375rem;
      background: var(--code); white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
    dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr));
      gap: .75rem 1.25rem; margin-top: 1.25rem; padding: 0 1.25rem; }
    dt { color: var(--faint); font-size: .875rem; }
    .line { display: block; width: calc(100% - 1rem); height: 1.5rem; margin: .25rem .5rem 0;
      overflow: visible; fill: currentColor; }
    .line line { stroke: var(--bar); }
    .line svg { overflow: visible; }
    .stroke { fill: none; stroke: currentColor; stroke-width: 2.5; }
    .scale { display: flex; justify-content: space-between; gap: 1rem; font-size: .875rem; }
    .keys { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin-bottom: .75rem;
      font-size: .875rem; }
    .key { width: .8rem; height: .8rem; vertical-align: -.05rem; fill: currentColor; }
    """
}
