extension Command {
  static let unpack = Command(
    name: "unpack",
    summary: "make a new release from an archive, without switching to it",
    group: .change,
    details: [
      """
      Unpacks a tar archive, compressed or not, or a zip file, and prints the id of the new \
      release. What is live stays live.
      """,
      """
      The release appears complete or not at all: it is unpacked in a staging directory, checked, \
      flushed to disk, and only then moved into place. Interrupted at any moment, the store is as \
      it was, and the next command that changes it clears the remains away.
      """,
      """
      An archive that is truncated, hostile or not the one that --sha256 and --size describe is \
      refused with exit status 6.
      """,
    ],
    operands: [
      Operand(Value("ARCHIVE|-", .file), help: "the archive, or - for standard input")
    ],
    options: [
      Option(.id, Value("ID"), help: "name the release; else the time in Unix seconds names it"),
      Option(.ref, Value("REF"), help: "remember which commit or tag it was made from"),
      Option(.sha256, Value("HEX"), help: "refuse an archive with any other SHA-256"),
      Option(.size, Value("BYTES", .number), help: "refuse an archive of any other size"),
      Option(
        .stripComponents, Value("N", .number),
        help: "leave out this many leading directories of each name"),
    ] + Option.changing,
    examples: [
      ("releases unpack app.tar.gz --ref v1.4.2", "from a file"),
      (
        "ssh host releases unpack - --size 48211934 < app.tar.gz",
        "from elsewhere; a connection that drops is noticed by the size"
      ),
    ],
    run: decline)
}
