import Configuration
import ReleaseModel
import Testing
import Text

@Suite struct ConfigurationDecodingTests {
  @Test func `an empty configuration has the documented defaults`() {
    let configuration = Configuration()
    #expect(configuration.keep.count == 3)
    #expect(configuration.keep.age.description == "7d")
    #expect(configuration.keep.minFree == nil)
    #expect(configuration.keep.minFreeInodes == nil)
    #expect(configuration.health == nil)
    #expect(configuration.hooks == Configuration.Hooks())
    #expect(Configuration.Hook(run: .shell("x")).timeout.description == "10m")
    let health = Configuration.Health(probe: .http(.init(url: "http://x")))
    #expect(health.timeout.description == "1m")
    #expect(health.interval.description == "1s")
    #expect(health.successes == 1)
    #expect(health.restarts == 0)
    #expect(configuration.services == [])
    #expect(Configuration.HTTPProbe(url: "http://x").status == 200)
    #expect(configuration.unpack.limits == Configuration.Limits(), "Operations has the defaults")
    #expect(configuration.unpack.stripComponents == nil)
    #expect(configuration.unpack.share == .auto)
    #expect(configuration.unpack.allowedLinks == [])
    #expect(configuration.trust.allowedSigners == nil)
    #expect(configuration.trust.namespace == "release")
    #expect(configuration.trust.require == .none)
    #expect(configuration.verify.ignore == [])
  }

  @Test func `every key is decoded`() throws {
    let text = """
      keep: {count: 5, age: 2w, min-free: 2GiB, min-free-inodes: 10000}
      shared: {directories: [logs, data/cache], files: [config/wechat.yaml]}
      service: [diting@1.service, worker]
      hooks:
        prepare: {run: uv sync --frozen, timeout: 5m}
        activate: {run: [sudo, systemctl, restart, diting, 42, ""], timeout: 2m}
        succeeded: {run: true}
        failed:
          run: |
            echo failed
            exit 0
      health:
        url: HTTPS://[::1]:17999/health?x=1
        unix-socket: /run/app/web.sock
        status: 204
        json: {status: healthy, code: 200, quoted: "200", ok: true, none: null, word: yes, f: -1.5e3}
        body: "200"
        timeout: 90s
        interval: 0.25s
        successes: 3
        restarts: 2
      unpack:
        max-bytes: 1GB
        max-entries: 10
        max-ratio: 50
        strip-components: 1
        share: hardlink
        allow-links: [/usr/bin/python3]
      trust: {allowed-signers: keys/allowed, namespace: deploy, require: signature}
      verify: {ignore: ["**/__pycache__/**", logs/*.log]}
      """
    let read = try Configuration(parsing: Array(text.utf8), file: "f.yaml")

    var wanted = Configuration()
    wanted.keep.count = 5
    wanted.keep.age = TimeSpan(seconds: 14 * 86_400)
    wanted.keep.minFree = ByteSize(bytes: 2 << 30)
    wanted.keep.minFreeInodes = 10_000
    wanted.shared.directories = ["logs", "data/cache"]
    wanted.shared.files = ["config/wechat.yaml"]
    wanted.services = ["diting@1.service", "worker"]
    wanted.hooks.prepare = .init(
      run: .shell("uv sync --frozen"), timeout: TimeSpan(seconds: 300))
    wanted.hooks.activate = .init(
      run: .arguments(["sudo", "systemctl", "restart", "diting", "42", ""]),
      timeout: TimeSpan(seconds: 120))
    wanted.hooks.succeeded = .init(run: .shell("true"))
    wanted.hooks.failed = .init(run: .shell("echo failed\nexit 0\n"))
    var probe = Configuration.HTTPProbe(url: "HTTPS://[::1]:17999/health?x=1")
    probe.unixSocket = "/run/app/web.sock"
    probe.status = 204
    probe.json = [
      "status": .text("healthy"), "code": .number(200), "quoted": .text("200"),
      "ok": .boolean(true), "none": .null, "word": .text("yes"), "f": .number(-1500),
    ]
    probe.body = "200"
    var health = Configuration.Health(probe: .http(probe))
    health.timeout = TimeSpan(seconds: 90)
    health.interval = Interval(milliseconds: 250)
    health.successes = 3
    health.restarts = 2
    wanted.health = health
    wanted.unpack.limits.bytes = 1_000_000_000
    wanted.unpack.limits.entries = 10
    wanted.unpack.limits.ratio = 50
    wanted.unpack.stripComponents = 1
    wanted.unpack.share = .hardlink
    wanted.unpack.allowedLinks = ["/usr/bin/python3"]
    wanted.trust.allowedSigners = "keys/allowed"
    wanted.trust.namespace = "deploy"
    wanted.trust.require = .signature
    wanted.verify.ignore = try ["**/__pycache__/**", "logs/*.log"].map {
      try #require(Glob(parsing: $0))
    }
    #expect(read == wanted)
  }

  @Test(
    arguments: [
      ("1", .number(1)), ("-1.5e3", .number(-1500)), (".5", .number(0.5)), ("'1'", .text("1")),
      ("inf", .text("inf")), ("nan", .text("nan")), ("0x1", .text("0x1")), ("e", .text("e")),
      ("1e999", .text("1e999")), ("1.2.3", .text("1.2.3")), ("TRUE", .boolean(true)),
      ("False", .boolean(false)), ("on", .text("on")), ("~", .null), ("", .null), ("''", .text("")),
      ("'null'", .text("null")),
    ] as [(String, JSONScalar)])
  func `the members of a JSON object in health are decoded with their types`(
    text: String, value: JSONScalar
  ) throws {
    let yaml = "health: {url: 'http://x', json: {a: \(text)}}"
    let read = try Configuration(parsing: Array(yaml.utf8), file: "f.yaml")
    guard case .http(let probe) = read.health?.probe else {
      Issue.record("no probe")
      return
    }
    #expect(probe.json == ["a": value])
  }

  @Test func `the texts of a health check may contain variables`() throws {
    let text = """
      health:
        url: http://x/${RELEASES_ID}
        unix-socket: /run/${RELEASES_ID}.sock
        body: ${RELEASES_ID} ${RELEASES_REF} ${OTHER}
        json: {a: "${RELEASES_REF}"}
      """
    let read = try Configuration(parsing: Array(text.utf8), file: "f.yaml")
    guard case .http(let probe) = read.health?.probe else {
      Issue.record("no probe")
      return
    }
    #expect(probe.url == "http://x/${RELEASES_ID}")
    #expect(probe.json == ["a": .text("${RELEASES_REF}")])
  }

  @Test func `a service can be one unit`() throws {
    let read = try Configuration(parsing: Array("service: diting".utf8), file: "f.yaml")
    #expect(read.services == ["diting"])
  }

  @Test func `a health check can be a command`() throws {
    let text = "health: {command: [curl, -f, localhost]}"
    let read = try Configuration(parsing: Array(text.utf8), file: "f.yaml")
    #expect(read.health == .init(probe: .command(.arguments(["curl", "-f", "localhost"]))))
  }
}

/// All mistakes that `releases.yaml` can contain, with their positions.
@Suite struct ConfigurationMistakeTests {
  private func check(_ text: String, _ message: String, _ hint: String? = nil) throws {
    let error = try #require(ConfigurationYAMLTests.failure(Array(text.utf8)), "accepted: \(text)")
    #expect(error.code == .configuration)
    #expect(error.message.text == "f.yaml:" + message)
    if let hint { #expect(error.hint == Hint(Message(hint))) }
  }

  @Test(arguments: [
    (
      "# first\nkeep:\n  cout: 3\n", "3:3: unknown key 'cout' in keep",
      "did you mean 'count'? known keys: count, age, min-free, min-free-inodes"
    ),
    (
      "kep: {}", "1:1: unknown key 'kep' at the top level",
      """
      did you mean 'keep'? known keys: \
      keep, shared, service, hooks, health, unpack, trust, verify
      """
    ),
    (
      "hooks:\n  prepare: {command: x}\n", "2:13: unknown key 'command' in hooks.prepare",
      "known keys: run, timeout"
    ),
    (
      "trust: {require: signatures}",
      "1:18: trust.require: expected one of none, digest, "
        + "signature, found 'signatures'", "did you mean 'signature'?"
    ),
    (
      "keep: {age: 7}", "1:13: keep.age: expected a duration, found '7'",
      "use a duration such as 90s, 10m, 36h, 7d or 1h30m"
    ),
    (
      "keep: 3", "1:7: keep: expected a mapping, found '3'",
      "known keys: count, age, min-free, min-free-inodes"
    ),
  ])
  func `a mistake comes with a hint`(text: String, message: String, hint: String) throws {
    try check(text, message, hint)
  }

  @Test(arguments: [
    ("keep: {count: 0}", "1:15: keep.count: expected a whole number of at least 1, found '0'"),
    ("keep: {count: -1}", "1:15: keep.count: expected a whole number of at least 1, found '-1'"),
    ("keep: {count: 1e3}", "1:15: keep.count: expected a whole number of at least 1, found '1e3'"),
    ("keep: {count: 010}", "1:15: keep.count: expected a whole number of at least 1, found '010'"),
    (
      "keep: {count: \"3\"}",
      "1:15: keep.count: expected a whole number of at least 1, found the quoted string '3'"
    ),
    (
      "keep: {count: 9223372036854775808}",
      "1:15: keep.count: expected a whole number of at least 1, found '9223372036854775808'"
    ),
    ("keep: {count: [3]}", "1:15: keep.count: expected a whole number of at least 1, found a list"),
    ("keep: {min-free: 2 GiB}", "1:18: keep.min-free: expected a size, found '2 GiB'"),
    ("unpack: {max-bytes: 0}", "1:21: unpack.max-bytes: expected a size above 0, found '0'"),
    (
      "unpack: {max-entries: 0}",
      "1:23: unpack.max-entries: expected a whole number of at least 1, found '0'"
    ),
    (
      "unpack: {max-ratio: 0}",
      "1:21: unpack.max-ratio: expected a whole number of at least 1, found '0'"
    ),
    (
      "unpack: {strip-components: x}",
      "1:28: unpack.strip-components: expected a whole number or 'auto', found 'x'"
    ),
    (
      "unpack: {allow-links: [usr]}",
      "1:24: unpack.allow-links: expected an absolute path, found 'usr'"
    ),
    (
      "unpack: {allow-links: /usr}",
      "1:23: unpack.allow-links: expected a list, each element an absolute path, found '/usr'"
    ),
    ("service: --now", "1:10: service: expected the name of a systemd unit, found '--now'"),
    ("service: a b", "1:10: service: expected the name of a systemd unit, found 'a b'"),
    (
      "service: [a, --now]",
      "1:14: service: expected the name of a systemd unit, found '--now'"
    ),
    ("service: []", "1:10: service: the list is empty"),
    ("service: [a, b, a]", "1:17: service: 'a' is given twice"),
    (
      "trust: {namespace: ''}",
      "1:20: trust.namespace: expected a non-empty string, "
        + "found the quoted string ''"
    ),
    (
      "trust: {require: signature}",
      "1:8: trust: 'require: signature' needs 'allowed-signers'"
    ),
    (
      "verify: {ignore: [/a]}",
      "1:19: verify.ignore: expected a pattern for paths in the release, found '/a'"
    ),
  ])
  func `a value that is out of range is rejected with its position`(text: String, message: String)
    throws
  { try check(text, message) }

  @Test(arguments: [
    ("hooks: {prepare: {timeout: 1m}}", "1:18: hooks.prepare: 'run' is missing"),
    ("hooks: {prepare: uv sync}", "1:18: hooks.prepare: expected a mapping, found 'uv sync'"),
    (
      "hooks: {failed: {run: x, timeout: 0}}",
      "1:35: hooks.failed.timeout: expected a duration above 0, found '0'"
    ),
    ("health: {timeout: 1m}", "1:9: health: 'url' or 'command' is missing"),
    ("health: {url: }", "1:9: health: 'url' or 'command' is missing"),
    (
      "health: {command: x, url: 'http://x'}",
      "1:10: health: 'url' and 'command' are mutually exclusive"
    ),
    (
      "health: {command: x, status: 200}",
      "1:22: health: 'status' requires 'url'"
    ),
    (
      "health: {command: x, json: {a: b}}",
      "1:22: health: 'json' requires 'url'"
    ),
    (
      "health: {command: x, unix-socket: /s}",
      "1:22: health: 'unix-socket' requires 'url'"
    ),
    (
      "health: {url: 'http://x', unix-socket: run/s}",
      "1:40: health.unix-socket: expected the absolute path of a socket, found 'run/s'"
    ),
    ("health: {command: x, body: b}", "1:22: health: 'body' requires 'url'"),
    (
      "health: {url: 'http://x', status: 600}",
      "1:35: health.status: expected a whole number from 100 to 599, found '600'"
    ),
    (
      "health: {url: 'http://x', json: {a: [b]}}",
      "1:37: health.json: expected a mapping of names to strings, numbers, true, false or null, "
        + "found a list"
    ),
    (
      "health: {url: 'http://x', json: [a]}",
      "1:33: health.json: expected a mapping of names to strings, numbers, true, false or null, "
        + "found a list"
    ),
    (
      "health: {command: x, interval: 0s}",
      "1:32: health.interval: expected a duration above 0, found '0s'"
    ),
    (
      "health: {command: x, interval: 0.5m}",
      "1:32: health.interval: expected a duration above 0, found '0.5m'"
    ),
    (
      "health: {command: x, restarts: -1}",
      "1:32: health.restarts: expected a whole number of at least 0, found '-1'"
    ),
    (
      "health: {url: 'http://x', body: 'v${RELEASES_VERSION}'}",
      "1:33: health.body: unknown variable '${RELEASES_VERSION}'"
    ),
    (
      "health: {url: 'http://x', json: {a: '${RELEASES_ID'}}",
      "1:37: health.json: unknown variable '${RELEASES_ID}'"
    ),
    (
      "health: {url: 'http://x/${RELEASES_REF}'}",
      "1:15: health.url: unknown variable '${RELEASES_REF}'"
    ),
    (
      "health: {command: x, successes: 0}",
      "1:33: health.successes: expected a whole number of at least 1, found '0'"
    ),
  ])
  func `a mistake in hooks or health is rejected with its position`(text: String, message: String)
    throws
  { try check(text, message) }

  @Test(arguments: ["''", "'  '", "[]", "['', a]", "[[a]]", "{a: b}", "[a, ~]"])
  func `a command must be a string or a list of arguments`(value: String) throws {
    let error = try #require(
      ConfigurationYAMLTests.failure(Array("hooks: {prepare: {run: \(value)}}".utf8)))
    #expect(
      error.message.text.hasPrefix(
        "f.yaml:1:24: hooks.prepare.run: expected a command line or a list of arguments, found"))
  }

  @Test(arguments: [
    "file:///etc/passwd", "localhost:80", "http://", "http:///x", "http://:80", "ftp://x", "-o x",
    "'http://a b'", "\"http://a\\n\"", "'http://?x'",
  ])
  func `a health URL must be an http or https URL`(value: String) throws {
    let error = try #require(
      ConfigurationYAMLTests.failure(Array("health: {url: \(value)}".utf8)))
    #expect(error.message.text.hasPrefix("f.yaml:1:15: health.url: expected an http or https URL"))
  }

  @Test(arguments: [
    ("[/logs]", "1:24: shared.directories: '/logs' must be relative to the release"),
    ("[a, ../b]", "1:27: shared.directories: '../b' must not contain '..'"),
    ("[a/..]", "1:24: shared.directories: 'a/..' must not contain '..'"),
    ("[../\u{301}a]", "1:24: shared.directories: '../\u{301}a' must not contain '..'"),
    ("[/\u{301}a]", "1:24: shared.directories: '/\u{301}a' must be relative to the release"),
    ("[.]", "1:24: shared.directories: '.' must not contain '.' or empty components"),
    ("[a/]", "1:24: shared.directories: 'a/' must not contain '.' or empty components"),
    ("['']", "1:24: shared.directories: '' must not contain '.' or empty components"),
    ("[a, a]", "1:27: shared: 'a' overlaps 'a'"),
    ("[a, b, a/b]", "1:30: shared: 'a/b' overlaps 'a'"),
    ("[a/b, a]", "1:29: shared: 'a' overlaps 'a/b'"),
    ("[a], files: [a/b]", "1:36: shared: 'a/b' overlaps 'a'"),
    ("[a], files: [b, a]", "1:39: shared: 'a' overlaps 'a'"),
    (
      "a",
      "1:23: shared.directories: expected a list, each element a path in the release, found 'a'"
    ),
    ("[a, {b: c}]", "1:27: shared.directories: expected a path in the release, found a mapping"),
    ("[a, ]", nil),
    ("[a, ab, b/a], files: [.env, ..a, b/b]", nil),
  ])
  func `shared paths must be relative, clean and distinct`(value: String, message: String?) throws {
    let text = "shared: {directories: \(value)}"
    if let message {
      try check(text, message)
    } else {
      #expect(ConfigurationYAMLTests.failure(Array(text.utf8)) == nil)
    }
  }
}
