import TestSupport
import Testing
import Text

/// Hides the secret `hunter2` in texts in every way that people write secrets.
@Suite struct SecretsTests {
  // MARK: - By name

  @Test(arguments: [
    "token", "TOKEN", "access_token", "password", "db_passwd", "secret", "client-secret", "apikey",
    "api_key", "X-Api-Key", "private_key", "aws.credential", "Authorization", "access_key",
    "AccessKeySecret", "EncodingAESKey", "encoding_aes_key", "appsecret", "AppSecret", "app_secret",
    "corpsecret", "DB_PASS", "mysql-pwd", "Set-Cookie",
  ])
  func `a value with a secret name is masked`(name: String) {
    for text in [
      "\(name): hunter2", "  \(name): 'hunter2'", "- \(name): hunter2", "\(name)=hunter2",
      "export \(name)=\"hunter2\"", "{\"\(name)\": \"hunter2\", \"a\": 1}",
      "{\(name): hunter2, a: 1}",
      "a --\(name) hunter2 b", "a --\(name)=hunter2 b", "< \(name): hunter2",
      "{'\(name)': 'hunter2'}",
      "(b'\(name)', b'hunter2')", "GET /?\(name)=hunter2&a=b", "\(name) => hunter2",
    ] {
      let masked = Secrets.masked(text)
      #expect(!masked.contains("hunter2"), "\(text)")
      #expect(masked.contains(name) && masked.contains(Secrets.mask), "\(masked)")
    }
  }

  @Test(arguments: [
    ("password: hunter2 hunter2", "password: [masked]"),
    ("password: \"hunter2\" # why", "password: \"[masked]\" # why"),
    (
      "{\"password\":\"a\\\"hunter2\",\"user\":\"bob\"}",
      "{\"password\":\"[masked]\",\"user\":\"bob\"}"
    ),
    ("{\"token\":[\"hunter2\",\"b\"],\"x\":1}", "{\"token\":[masked],\"x\":1}"),
    ("X=1 PASSWORD=hunter2 Y=2", "X=1 PASSWORD=[masked] Y=2"),
    ("PASSWORD=hunter2 hunter2", "PASSWORD=[masked]"),
    ("x PASSWORD=\"hun\"ter2 y", "x PASSWORD=\"[masked]\"[masked] y"),
    ("run --password 'hunter2 x' --user y", "run --password '[masked]' --user y"),
    ("[\"--password\", \"hunter2\", \"--x\"]", "[\"--password\", \"[masked]\", \"--x\"]"),
    (
      "{\"asked\":\"a token=hunter2\",\"id\":\"3\"}",
      "{\"asked\":\"a token=[masked]\",\"id\":\"3\"}"
    ),
    (
      "\"{\\\"token\\\":\\\"hunter2\\\",\\\"x\\\":1}\"",
      "\"{\\\"token\\\":\\\"[masked]\\\",\\\"x\\\":1}\""
    ),
    ("{\"why\":\"password: a, hunter2\",\"x\":1}", "{\"why\":\"password: [masked]\",\"x\":1}"),
    ("'it''s', secret: 'a''hunter2'", "'it''s', secret: '[masked]'"),
    ("TOKEN=\"\"\"hunter2\"\"\"", "TOKEN=\"\"[masked]"),
    (
      "GET /wx?access_token=hunter2&openid=o HTTP/1.1",
      "GET /wx?access_token=[masked]&openid=o HTTP/1.1"
    ),
    ("the token 3f5a9c0011223344556677 is old", "the token [masked] is old"),
    ("Authorization: Digest user=\"a\", hunter2", "Authorization: [masked]"),
  ])
  func `only the secret is masked`(text: String, expected: String) {
    #expect(Secrets.masked(text) == expected)
    #expect(Secrets.masked(expected) == expected)
  }

  @Test(arguments: [
    "invalid token here", "password:", "password: ''", "token", "tokens of gratitude",
    "PWD=/opt/diting",
    "http://localhost:17999/health", "http://host:4873/@scope/name", "ssh://git@host/x",
    "Basic Authentication failed",
    "the bearer token is missing", "risk-management-for-everybody", "sk-learn-and-other-words",
    "eyJust.a", "a@b.c",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "keep: {count: 3}",
    "eyJabc.def",
  ])
  func `other text is not changed`(text: String) { #expect(Secrets.masked(text) == text) }

  // MARK: - By shape

  @Test(arguments: [
    ("see Bearer hunter2.x now", "see Bearer [masked] now"),
    ("see basic dXNlcjpodW50ZXIy now", "see basic [masked] now"),
    ("http://u:hunter2@h/x", "http://u:[masked]@h/x"),
    ("redis://:hunter2@h:1/0", "redis://:[masked]@h:1/0"),
    ("postgres://u:hun/t@er2@h/d", "postgres://u:[masked]@h/d"),
    ("a AKIAIOSFODNN7EXAMPLE b", "a AKIA[masked] b"),
    ("LTAI5tHunter2Hunter2", "LTAI[masked]"),
    ("x=ghp_abcdefghijklmnopqrstuvwxyz0123456789", "x=ghp_[masked]"),
    ("gho_abcdefghijklmnopqrstuvwxyz0123456789.", "gho_[masked]."),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnop", "github_pat_[masked]"),
    ("\"sk-proj-Abc123Abc123Abc123\"", "\"sk-[masked]\""),
    ("a eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_x b", "a eyJ[masked] b"),
  ])
  func `a value with the form of a secret is masked`(text: String, expected: String) {
    #expect(Secrets.masked(text) == expected)
    #expect(Secrets.masked(expected) == expected)
  }

  // MARK: - Over lines

  @Test(arguments: [
    (
      "a:\n  token: |\n    hunter2\n\n    hunter2\n  b: 1",
      "a:\n  token: |\n    [masked]\n\n    [masked]\n  b: 1"
    ),
    ("tokens:\n- hunter2\n- hunter2\nb: 1", "tokens:\n- [masked]\n- [masked]\nb: 1"),
    (
      "credentials:\n  user: hunter2\n  list: [hunter2]\nz: 1",
      "credentials:\n  user: [masked]\n  list: [masked]\nz: 1"
    ),
    ("password: \"hunter2\n  hunter2\"\nb: 1", "password: \"[masked]\n  [masked]\nb: 1"),
    (
      "  \"secrets\": {\n    \"a\": \"hunter2\"\n  },\n  \"b\": 1",
      "  \"secrets\": {\n    \"a\": [masked]\n  },\n  \"b\": 1"
    ),
    (
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nhunter2\n-----END RSA PRIVATE KEY-----\nafter",
      "-----BEGIN RSA PRIVATE KEY-----\n[masked]\n[masked]\n-----END RSA PRIVATE KEY-----\nafter"
    ),
    ("-----BEGIN PRIVATE KEY-----\nhunter2", "-----BEGIN PRIVATE KEY-----\n[masked]"),
    (
      "{\"k\":\"-----BEGIN PRIVATE KEY-----\\nhunter2\\n-----END PRIVATE KEY-----\\n\"}",
      "{\"k\":\"-----BEGIN PRIVATE KEY-----[masked]-----END PRIVATE KEY-----\\n\"}"
    ),
    (
      "x\nNov 04 app: " + String(repeating: "MIIE", count: 16)
        + "\nNov 04 app: hunter2=\n-----END PRIVATE KEY-----\ny",
      "x\nNov 04 app: [masked]\nNov 04 app: [masked]\n-----END PRIVATE KEY-----\ny"
    ),
  ])
  func `a secret of several lines is masked line by line`(text: String, expected: String) {
    #expect(Secrets.masked(text) == expected)
    #expect(Secrets.masked(expected) == expected)
  }

  // MARK: - Whatever the text is

  @Test func `bytes that are not UTF-8 are not changed`() {
    let bytes: [UInt8] =
      [0xFF, 0xC0] + Array("token=".utf8) + [0xFE, 0x80] + Array(" \n".utf8) + [0xE4]
    let expected: [UInt8] = [0xFF, 0xC0] + Array("token=[masked] \n".utf8) + [0xE4]
    #expect(Secrets.masked(bytes) == expected)
  }

  @Test func `line ends are not changed`() {
    #expect(Secrets.masked("a\r\ntoken: hunter2\r\n\r\n") == "a\r\ntoken: [masked]\r\n\r\n")
    #expect(Secrets.masked("") == "")
    #expect(Secrets.masked("\n\n") == "\n\n")
  }

  /// Random texts made from everything that has a meaning for the masking.
  @Test(arguments: 0..<40)
  func `masking twice changes nothing more and keeps the lines`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let parts = [
      "token", "password", "--secret", "x", "b", " ", " ", "\n", "\n", "  ", "- ", ":", ": ", "=",
      ",", "\"", "'",
      "\\", "[", "]", "{", "}", "://", "@", "/", "?", "&", "Bearer ", "basic ", "ghp_", "A1b2",
      "eyJ", ".", "|",
      "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "[masked]", "export ", "\t", "\r",
      "#", "(", ")",
      "abcdefghijklmnopqrst1234567890", "sk-",
    ]
    for _ in 0..<200 {
      let text = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
        parts.randomElement(using: &generator) ?? ""
      }.joined()
      let once = Secrets.masked(text)
      #expect(Secrets.masked(once) == once, "\(text.debugDescription)")
      #expect(
        once.utf8.count { $0 == 10 } == text.utf8.count { $0 == 10 }, "\(text.debugDescription)")
    }
  }

  /// Bytes that no text has, mixed with everything that has a meaning for the masking.
  @Test(arguments: 0..<8)
  func `random bytes are masked without an end of the program`(seed: UInt64) {
    var generator = SeededGenerator(seed: 100 + seed)
    let parts = [
      "password", "token", ":", "=", " ", "\"", "'", "\\", "%", "%3D", "%25", "&quot;", "\\u00",
      "$",
      "${", "(", "<", ">", "</", "密码", "为", "：", "“", "\u{1B}", "\u{1B}[", "\u{1B}]", "-p",
      "mysql ",
      "curl ", "-u", "://", "@", "eyJ", ".", "Q~", "1//0", "|", "│", "\u{200B}", "=\"", "AUTH ",
      "htpasswd -b",
      "$6$", "on >", "echo ", "|chpasswd", "[", "{", ",", "value", "sk-", "A1b2C3d4", "is ", "for ",
      "#", "`",
    ].map { Array($0.utf8) }
    for _ in 0..<1500 {
      let text = (0..<Int.random(in: 0...24, using: &generator)).flatMap { _ in
        Bool.random(using: &generator)
          ? parts.randomElement(using: &generator) ?? []
          : [UInt8.random(in: 0...255, using: &generator)]
      }
      let once = Secrets.masked(text)
      #expect(Secrets.masked(once) == once, "\(text)")
      #expect(once.count { $0 == 10 } == text.count { $0 == 10 }, "\(text)")
    }
  }

  /// An algorithm with quadratic time would take more than ten minutes.
  @Test(
    arguments: [
      "token ", "://a:", "@://", "eyJ.", "{token:[,", "basic/", "\\\"", "\"token\":", "password=",
      "'token':'",
      "bearer x", " -", "token a/", "sk-", "-----BEGIN PRIVATE KEY-----",
      "-----END PRIVATE KEY-----", "AKIA1", "密码", "密码：", "%3D", "&quot;", "\u{1B}[1m", "a:b@",
      "<token>",
      "password is ", "token for ", "echo x|", "mysql -p", "AUTH a ", "eyJa_", "_a1", "${token",
      "token:'",
      "1//0", "password: a", "password (", "identified by ",
    ])
  func `a line of 256 kibibytes takes less than a minute`(unit: String) {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    let text = String(repeating: unit, count: (1 << 18) / unit.utf8.count)
    #expect(Secrets.masked(Array(text.utf8)).contains(0x0A) == false)
    let indented = String(repeating: " ", count: 1 << 17) + text.prefix(1 << 17)
    #expect(Secrets.masked(Array(indented.utf8)).contains(0x0A) == false)
  }
}
