"""The commands that are run, each with the kind of store that it is run on."""

from __future__ import annotations

from dataclasses import dataclass

# The options of tar(1) that make each archive.
ARCHIVES = {"NEW.tar.gz": "-czf", "NEW.tar.xz": "-cJf", "NEW.tar.zst": "--zstd -cf"}


@dataclass(frozen=True)
class Command:
    """One command; NEW.SUFFIX stands for an archive and DIR for the work directory."""

    words: str
    # The kind of store, a name of stores.STORES.
    store: str = "plain"
    # The exit status where nothing is missing.
    status: int = 0
    # The command line that `gate` gets from an SSH client, and with it an archive.
    request: str = ""

    @property
    def name(self) -> str:
        """The command, and the kind of store unless it is the plain one."""
        return self.words if self.store == "plain" else f"{self.words} ({self.store})"

    @property
    def unpacks(self) -> bool:
        """Whether the command unpacks an archive where nothing is missing."""
        is_unpacking = self.words.split()[0] in ("unpack", "deploy") or bool(self.request)
        return self.status != 6 and is_unpacking


UNPACK = "unpack {} --id 5 --ref v5"
SIGNED = "unpack NEW.tar.gz --id 5 --signature NEW.tar.gz.sig"
PRUNE = "prune --keep 1 --keep-within 0d"
COMMANDS = [
    Command("init", "missing"),
    Command("init", "by hand"),
    Command("init"),
    *(Command(UNPACK.format(name)) for name in (*ARCHIVES, "NEW.zip")),
    Command(UNPACK.format("NEW.tar.gz"), "hooks"),
    Command(UNPACK.format("NEW.tar.gz"), "hard links"),
    Command(UNPACK.format("NEW.zip"), "hard links"),
    Command(SIGNED, "signed"),
    Command("unpack NEW.tar.gz --id 5", "signed", status=6),
    Command("deploy NEW.tar.gz --id 5"),
    Command("deploy NEW.tar.gz --id 5", "hooks"),
    Command("deploy NEW.zip --id 5", "health URL"),
    Command("deploy NEW.tar.gz --id 5", "failing", status=10),
    Command("activate 4"),
    Command("activate 4", "hooks"),
    Command("rollback"),
    Command("prepare 4", "unprepared"),
    Command("recover", "interrupted"),
    Command("recover --boot", "interrupted"),
    Command("status", "interrupted", status=7),
    Command("list", "interrupted"),
    Command(PRUNE),
    Command("remove 1"),
    Command("remove 2 --force"),
    Command("verify --all"),
    Command("verify 3", "modified", status=7),
    Command("list --json"),
    Command("show 3"),
    Command("status"),
    Command("history"),
    Command("check"),
    Command("metrics"),
    Command("diagnose"),
    Command("diagnose --archive DIR/report.tar.gz"),
    Command("report --html DIR/report.html"),
    Command("pin 1 --reason x"),
    Command("mark 2 bad --reason x"),
    Command("freeze --reason x"),
    Command("abort", status=3),
    Command("gate --allow ci", request="deploy - --id 5"),
    Command("help deploy"),
    Command("completion bash"),
    Command("--version"),
]
