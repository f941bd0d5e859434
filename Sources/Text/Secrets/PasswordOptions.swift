/// The programs whose options do not name the passwords that follow them.
enum PasswordOptions {
  /// How an option is followed by a password.
  enum Form {
    /// `-pPASSWORD`
    case attached
    /// `-p PASSWORD`
    case separate
    /// `-u USER:PASSWORD`, with the separator.
    case pair(UInt8)
  }

  typealias Options = [(option: String, form: Form)]

  /// The options of each program. A program without one ends the options of the one before it.
  static let programs: [String: Options] = {
    let client: Options = [("-p", .attached)]
    let separate: Options = [("-p", .separate), ("-p", .attached)]
    let colon = Form.pair(UInt8(ascii: ":"))
    let user: Options = [
      ("-u", colon), ("--user", colon), ("--proxy-user", colon), ("-U", colon),
      ("--oauth2-bearer", .separate), ("--basic", .separate),
    ]
    let share: Options = [("-U", .pair(UInt8(ascii: "%")))]
    let archive: Options = [("-P", .separate), ("-P", .attached)]
    let packed: Options = [("-p", .attached), ("-hp", .attached)]
    let directory: Options = [("-w", .separate)]
    let cloud: Options = [("-k", .separate), ("-s", .separate)]
    return [
      "mysql": client, "mysqldump": client, "mysqladmin": client, "mysqlimport": client,
      "mariadb": client, "mariadb-dump": client, "mysqlcheck": client, "mysqlshow": client,
      "mysqlpump": client, "mysqlslap": client, "xtrabackup": client, "mydumper": separate,
      "sshpass": separate, "login": separate, "mongo": separate, "mongosh": separate,
      "mongodump": separate, "mongorestore": separate, "mongoimport": separate,
      "mongoexport": separate, "redis-cli": [("-a", .separate)], "valkey-cli": [("-a", .separate)],
      "ldapsearch": directory, "ldapadd": directory, "ldapmodify": directory,
      "ldapwhoami": directory, "ldapdelete": directory, "curl": user, "etcdctl": user,
      "http": [("-a", colon), ("--auth", colon)], "https": [("-a", colon), ("--auth", colon)],
      "ab": [("-A", colon)], "sqlcmd": archive, "bcp": archive, "smbclient": share,
      "rpcclient": share, "xh": [("-a", colon), ("--auth", colon)],
      "twine": separate, "rabbitmqadmin": separate, "zip": archive, "unzip": archive,
      "7z": packed, "7za": packed, "unrar": packed, "rar": packed, "ipmitool": archive,
      "lftp": [("-u", .pair(UInt8(ascii: ",")))],
      "openssl": [("-k", .separate), ("-K", .separate)],
      "plink": [("-pw", .separate)], "pscp": [("-pw", .separate)], "useradd": separate,
      "usermod": separate, "snmpwalk": [("-A", .separate), ("-X", .separate), ("-c", .separate)],
      "snmpget": [("-A", .separate), ("-X", .separate), ("-c", .separate)],
      "ossutil": cloud, "ossutil64": cloud, "coscmd": cloud, "coscli": cloud,
      "beeline": [("-w", .separate), ("-p", .separate)],
      "ssh-keygen": [("-N", .separate), ("-P", .separate)], "net": share, "obclient": client,
      "taosql": client, "gsql": [("-W", .separate)], "ksql": [("-W", .separate)], "tsql": archive,
      "psexec": separate, "obsutil": cloud, "cqlsh": separate, "ncftpput": separate,
      "ncftpget": separate, "ncftp": separate, "mcli": [], "wget": [], "svn": [], "xfreerdp": [],
      "nexus": separate, "kinit": [], "adb": [],
      "ssh": [], "scp": [], "mkdir": [], "cp": [], "tar": [], "docker": [], "podman": [], "nc": [],
      "kubectl": [], "ps": [], "install": [], "rsync": [], "lsof": [], "ss": [],
    ]
  }()
}
