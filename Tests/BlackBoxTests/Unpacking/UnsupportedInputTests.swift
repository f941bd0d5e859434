import Foundation
import TestSupport
import Testing

/// What is not an archive, or not the archive that was meant, is named with its cure.
@Suite struct UnsupportedInputTests {
  struct Row: CustomTestStringConvertible, Sendable {
    /// Makes the file `$A` in the directory of the test.
    let script: String
    let message: String
    /// A part of the hint; `$A` is the file.
    let cure: String
    var code = "archiveUnreadable"
    var testDescription: String { message }
  }

  static let rows = [
    Row(script: ": >$A", message: "the archive is empty", cure: "ls -l '$A'"),
    Row(
      script: "printf '\\n<!DOCTYPE HTML>\\n<html>...' >$A",
      message: "this is a web page (HTML), not an archive", cure: "curl --fail --location"),
    Row(
      script: "printf '{\"message\": \"Not Found\"}' >$A",
      message: "this is a JSON document, not an archive", cure: "curl --fail --location"),
    Row(
      script: "printf 'version https://git-lfs.github.com/spec/v1\\n' >$A",
      message: "Git LFS pointer", cure: "git lfs pull"),
    Row(
      script: "seq 1000 | gzip >$A", message: "single compressed file",
      cure: "tar -czf release.tar.gz"),
    Row(
      script: "seq 1000 | zstd -q >$A", message: "single compressed file",
      cure: "tar -czf release.tar.gz"),
    Row(
      script: "mkdir t; echo x >t/f; tar -cz -C t . | gzip >$A",
      message: "the archive is compressed more than once",
      cure: "bsdtar -czf release.tar.gz @'$A'"),
    Row(
      script: "mkdir t; echo x >t/f; tar -c -C t . | xz | zstd -q >$A",
      message: "the archive is compressed more than once",
      cure: "bsdtar -czf release.tar.gz @'$A'"),
    Row(
      script: "printf '<html>' | gzip >$A", message: "web page (HTML)", cure: "curl --fail"),
    Row(script: "cp /bin/true $A", message: "program (ELF)", cure: "pack a directory"),
    Row(
      script: "mkdir t; echo x >t/f; bsdtar --format=7zip -cf $A -C t .",
      message: "7-Zip archive", cure: "bsdtar -czf release.tar.gz @'$A'"),
    Row(
      script:
        "mkdir t; echo x >t/f; tar -cf t.tar -C t .; zstd -q --ultra -22 --long=28 -c <t.tar >$A",
      message: "needs a zstd window larger than 128 MiB", cure: "zstd -dc --long=31 '$A' | zstd"),
    Row(
      script: "mkdir t; echo x >t/f; cd t; zip -q -P secret $A f", message: "(encrypted)",
      cure: "create the archive without a password", code: "archiveRejected"),
    Row(
      script: "mkdir t; tar -czf $A -C t .", message: "(noMembers)",
      cure: "check which directory is packed", code: "archiveRejected"),
    Row(
      script: "mkdir t; ln -s /usr/bin/python3 t/python; tar -czf $A -C t .",
      message: "the link points outside the tree: /usr/bin/python3",
      cure: "unpack: {allow-links: [/usr/bin/python3]}", code: "archiveRejected"),
    Row(
      script: "mkdir t; ln -s ../../x t/l; tar -czf $A -C t .",
      message: "the link points outside the tree: ../../x", cure: "tar --dereference",
      code: "archiveRejected"),
  ]

  @Test(arguments: rows) func `the message names the input and the cure`(_ row: Row) throws {
    let store = try TestStore()
    let file = "\(store.directory)/an app.archive"
    try Program.shell("A='\(file)'; cd '\(store.directory)'; set -f; \(quoted(row.script))")
    let run = try store.expectFailure(["unpack", file], status: 6, code: row.code)
    let error = try #require(try run.json["error"] as? [String: Any])
    let message = try #require(error["message"] as? String)
    let hint = try #require(error["hint"] as? String)
    #expect(message.contains(row.message))
    #expect(hint.contains(row.cure.replacing("$A", with: file)))
    #expect(try store.names("releases") == [])
  }

  private func quoted(_ script: String) -> String { script.replacing("$A", with: "\"$A\"") }

  @Test(arguments: ["app.tar.gz", "build/APP.ZIP"])
  func `an archive with nothing but another archive is a warning`(_ name: String) throws {
    let store = try TestStore()
    let outer = try store.archive([name: "x"])
    let run = try store.expectSuccess(["unpack", outer, "--id", "1"])
    #expect(
      run.errors.contains(
        "the only file in the archive is another archive, '\(name)', which was not unpacked"),
      "\(run.errors)")
    #expect(
      run.errors.contains("bsdtar -xOf '\(outer)' '\(name)' > release.archive"), "\(run.errors)")
    let two = try store.archive([name: "x", "README": "x"])
    #expect(
      try !store.expectSuccess(["unpack", two, "--id", "2"]).errors.contains("another archive"))
  }

  @Test func `a directory is named with the command that packs it`() throws {
    let store = try TestStore()
    let run = try store.run(["unpack", store.directory])
    #expect(run.status != 0)
    #expect(run.errors.contains("\(store.directory) is a directory, not an archive"))
    #expect(run.errors.contains("tar -czf release.tar.gz -C '\(store.directory)' ."))
  }

  /// Whatever the worker finds in an incomplete archive, the missing bytes are the reason.
  @Test(arguments: ["gz", "zst", "xz", "zip"])
  func `an archive with fewer bytes than its size says that the sender stopped`(
    _ kind: String
  ) throws {
    let store = try TestStore()
    let file = "\(store.directory)/a.\(kind)"
    try Program.shell(
      """
      cd '\(store.directory)'; mkdir t; head -c 300000 /dev/urandom >t/f
      case \(kind) in
        gz) tar -czf '\(file)' -C t .;;
        zst) tar -I zstd -cf '\(file)' -C t .;;
        xz) tar -cJf '\(file)' -C t .;;
        zip) cd t; zip -q '\(file)' f;;
      esac
      """)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    for length in [0, 3, 1000, whole.count - 1] {
      let run = try store.expectFailure(
        ["unpack", "-", "--size", "\(whole.count)"], status: 6, code: "sizeMismatch",
        input: whole.prefix(length))
      #expect(run.output.contains("the archive ended after \(length) of \(whole.count) bytes"))
      #expect(run.output.contains("the connection was lost or the sender stopped"))
    }
  }

  @Test func `a wheel is unpacked with a warning that it is not installed`() throws {
    let store = try TestStore()
    let file = "\(store.directory)/app-1-py3-none-any.whl"
    try Program.shell(
      """
      cd '\(store.directory)'; mkdir -p w/app w/app-1.dist-info; echo x >w/app/__init__.py
      echo 'Wheel-Version: 1.0' >w/app-1.dist-info/WHEEL; cd w; zip -qr '\(file)' .
      """)
    let run = try store.expectSuccess(["unpack", file])
    #expect(run.errors.contains("the archive is a Python wheel"))
    #expect(run.errors.contains("pip install --target DIRECTORY '\(file)'"))
  }
}

/// Archives whose content is in a single directory, as those that GitHub makes.
@Suite struct SingleDirectoryTests {
  private func archive(in store: TestStore) throws -> String {
    let file = "\(store.directory)/app.tar.gz"
    try Program.shell(
      """
      cd '\(store.directory)'; mkdir -p app-1/bin app-1/app-1; echo 1 >app-1/VERSION
      echo x >app-1/bin/run; chmod 755 app-1/bin/run; echo y >app-1/app-1/file
      ln -s bin/run app-1/start; ln app-1/VERSION app-1/same; chmod 750 app-1
      tar -czf '\(file)' app-1
      """)
    return file
  }

  @Test func `a hint names the directory and the option that removes it`() throws {
    let store = try TestStore()
    let file = try archive(in: store)
    let run = try store.expectSuccess(["unpack", file, "--id", "1"])
    #expect(run.errors.contains("everything in the archive is in the directory 'app-1'"))
    #expect(run.errors.contains("unpack \(file) --strip-components 1"))
    for (arguments, id) in [
      (["--strip-components", "1"], "2"), (["--strip-components", "0"], "3"),
    ] {
      let run = try store.expectSuccess(["unpack", file, "--id", id] + arguments)
      #expect(!run.errors.contains("everything in the archive"))
    }
    #expect(try store.read("releases/2/VERSION") == "1\n")
  }

  @Test func `auto removes the directory and publishes the same tree as a number`() throws {
    let store = try TestStore()
    let file = try archive(in: store)
    try store.expectSuccess(["unpack", file, "--id", "1", "--strip-components", "1"])
    try store.write("releases.yaml", "unpack: {strip-components: auto}\n")
    let run = try store.expectSuccess(["unpack", file, "--id", "2"])
    #expect(!run.errors.contains("everything in the archive"))
    #expect(try store.read("releases/2/app-1/file") == "y\n")
    try Program.expect(
      ["diff", "-r", "--no-dereference", "\(store.path)/releases/1", "\(store.path)/releases/2"])
    let modes = try ["1", "2"].map {
      try Program.expect([
        "find", "\(store.path)/releases/\($0)", "-printf", "%P %y %m %n\\n",
      ]).output.split(separator: "\n").sorted()
    }
    #expect(modes[0] == modes[1])
    try store.expectSuccess(["verify", "--all", "--strict"])
    try store.expectConsistent()
  }

  @Test func `auto leaves an archive with more at the top as it is`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {strip-components: auto}\n")
    let file = try store.archive(["a/f": "1", "g": "2"])
    try store.expectSuccess(["unpack", file, "--id", "1"])
    #expect(try store.names("releases/1") == ["a", "g"])
    // A number on the command line is stronger.
    let other = try store.archive(["a/f": "1"])
    try store.expectSuccess(["unpack", other, "--id", "2", "--strip-components", "0"])
    #expect(try store.names("releases/2") == ["a"])
  }

  @Test func `auto rejects a link that leaves the directory`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {strip-components: auto}\n")
    let file = "\(store.directory)/a.tar.gz"
    try Program.shell(
      "cd '\(store.directory)'; mkdir app; echo x >app/f; ln -s ../app/f app/l; tar -czf a.tar.gz app"
    )
    let run = try store.expectFailure(["unpack", file], status: 6, code: "archiveRejected")
    #expect(run.output.contains("(linkEscapes)"))
    #expect(try store.names("releases") == [])
  }
}
