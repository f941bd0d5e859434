"""Commands, each with the store it is run on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

VARIABLES = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester"}
HOOKS = """\
hooks: {prepare: {run: echo x > built}, activate: {run: 'true'}, succeeded: {run: [/bin/true]}}
health: {command: test -e VERSION}
shared: {directories: [logs]}
"""
KILLED = "hooks: {activate: {run: 'kill -9 $PPID'}}\n"
ARCHIVES = {"NEW.tar.gz": "-czf", "NEW.tar.xz": "-cJf", "NEW.tar.zst": "--zstd -cf"}


@dataclass(frozen=True)
class Command:
    """One command, by words in which NEW.… stands for an archive and DIR for the work directory."""

    words: str
    store: str = "plain"
    # What it ends with where nothing is missing.
    status: int = 0
    # What an SSH key asks `gate` for; it then gets an archive.
    request: str = ""

    @property
    def name(self) -> str:
        return self.words if self.store == "plain" else f"{self.words} ({self.store})"


UNPACK = "unpack {} --id 5 --ref v5"
SIGNED = "unpack NEW.tar.gz --id 5 --signature NEW.tar.gz.sig"
PRUNE = "prune --keep 1 --keep-within 0d"
COMMANDS = [
    Command("init", "missing"), Command("init", "by hand"), Command("init"),
    *(Command(UNPACK.format(name)) for name in (*ARCHIVES, "NEW.zip")),
    Command(UNPACK.format("NEW.tar.gz"), "hooks"),
    Command(UNPACK.format("NEW.tar.gz"), "hard links"),
    Command(UNPACK.format("NEW.zip"), "hard links"),
    Command(SIGNED, "signed"),
    Command("unpack NEW.tar.gz --id 5", "signed", status=6),
    Command("deploy NEW.tar.gz --id 5"), Command("deploy NEW.tar.gz --id 5", "hooks"),
    Command("deploy NEW.zip --id 5", "asked by curl"),
    Command("deploy NEW.tar.gz --id 5", "failing", status=10),
    Command("activate 4"), Command("activate 4", "hooks"), Command("rollback"),
    Command("prepare 4", "unprepared"),
    Command("recover", "interrupted"), Command("recover --boot", "interrupted"),
    Command("status", "interrupted", status=7), Command("list", "interrupted"),
    Command(PRUNE), Command("remove 1"), Command("remove 2 --force"),
    Command("verify --all"), Command("verify 3", "modified", status=7),
    Command("list --json"), Command("show 3"), Command("status"), Command("history"),
    Command("check"), Command("metrics"), Command("diagnose"),
    Command("diagnose --archive DIR/report.tar.gz"), Command("report --html DIR/report.html"),
    Command("pin 1 --reason x"), Command("mark 2 bad --reason x"), Command("freeze --reason x"),
    Command("abort", status=3),
    Command("gate --allow ci", request="deploy - --id 5"),
    Command("help deploy"), Command("completion bash"), Command("--version"),
]


class Stores:
    """One of each kind of store, to be copied."""

    def __init__(self, binary: str, place: Path, port: int):
        self.binary = binary
        self.place = place
        self.port = port

    def path(self, name: str) -> Path:
        return self.place / "stores" / name

    def make(self) -> None:
        """Archives, keys and stores."""
        tree = self.place / "tree"
        write_tree(tree, "5")
        for name, option in ARCHIVES.items():
            run("tar", *option.split(), self.place / name, "-C", tree, ".")
        run("zip", "-qry", self.place / "NEW.zip", ".", cwd=tree)
        key = self.place / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", key)
        run("ssh-keygen", "-q", "-Y", "sign", "-n", "release", "-f", key, self.place / "NEW.tar.gz")
        signer = "ci " + key.with_suffix(".pub").read_text(encoding="utf-8")
        (self.place / "signers").write_text(signer, encoding="utf-8")
        self.path("plain").mkdir(parents=True)
        self.do("plain", "init")
        for identity in "1234":
            write_tree(tree, identity)
            run("tar", "-czf", self.place / "old.tar.gz", "-C", tree, ".")
            command = "unpack" if identity == "4" else "deploy"
            self.do("plain", command, str(self.place / "old.tar.gz"), "--id", identity)
        for name, make in STORES.items():
            make(self, name)

    def do(self, name: str, *words: str, status: int = 0) -> None:
        """Runs a command that has to end with this status."""
        ended = subprocess.run(
            [self.binary, "--store", str(self.path(name)), *words], env=VARIABLES,
            capture_output=True, check=False)
        if ended.returncode != status:
            raise SystemExit(f"{name}: {words} ends with {ended.returncode}: {ended.stderr!r}")

    def copy(self, name: str, path: Path) -> None:
        """A store like it, in place of what is there."""
        if path.exists():
            shutil.rmtree(path)
        if self.path(name).exists():
            # Hard links between releases are what some stores are about.
            run("cp", "-a", self.path(name), path)


def configured(text: str) -> Callable[[Stores, str], None]:
    """The plain store with this configuration."""
    def make(stores: Stores, name: str) -> None:
        stores.copy("plain", stores.path(name))
        filled = text.replace("PORT", str(stores.port)).replace("DIR", str(stores.place))
        (stores.path(name) / "releases.yaml").write_text(filled, encoding="utf-8")
        # What a deploy makes where it is missing, and leaves there.
        (stores.path(name) / "shared/logs").mkdir(parents=True)
    return make


def by_hand(stores: Stores, name: str) -> None:
    """What the shell workflow leaves."""
    path = stores.path(name)
    for identity in ("1700000001", "1700000002"):
        write_tree(path / "releases" / identity, identity)
    (path / "current").symlink_to("releases/1700000002")


def interrupted(stores: Stores, name: str) -> None:
    """A switch whose writer was killed before it was confirmed."""
    configured(KILLED)(stores, name)
    stores.do(name, "activate", "4", status=-9)
    configuration = stores.path(name) / "releases.yaml"
    configuration.write_text("hooks: {activate: {run: 'true'}}\n", encoding="utf-8")


def unprepared(stores: Stores, name: str) -> None:
    """Release 4, whose prepare hook has failed."""
    configured("hooks: {prepare: {run: 'false'}}\n")(stores, name)
    stores.do(name, "remove", "4")
    stores.do(name, "unpack", str(stores.place / "old.tar.gz"), "--id", "4", status=1)
    (stores.path(name) / "releases.yaml").write_text(HOOKS, encoding="utf-8")


def modified(stores: Stores, name: str) -> None:
    stores.copy("plain", stores.path(name))
    (stores.path(name) / "releases/3/VERSION").write_text("x", encoding="utf-8")


STORES: dict[str, Callable[[Stores, str], None]] = {
    "hooks": configured(HOOKS),
    "hard links": configured("unpack: {share: hardlink}\n"),
    "signed": configured("trust: {allowed-signers: DIR/signers, require: signature}\n"),
    "asked by curl": configured("health: {url: 'http://127.0.0.1:PORT/', timeout: 5s}\n"),
    "failing": configured("hooks: {activate: {run: test $RELEASES_EVENT = restore}}\n"),
    "by hand": by_hand, "interrupted": interrupted, "unprepared": unprepared,
    "modified": modified,
}


def write_tree(tree: Path, identity: str) -> None:
    """A release: directories, links, hard links, programs, and a file that it shares."""
    (tree / "lib/a").mkdir(parents=True, exist_ok=True)
    (tree / "bin").mkdir(exist_ok=True)
    (tree / "VERSION").write_text(identity, encoding="utf-8")
    (tree / "lib/a/shared").write_text("shared\n" * 9000, encoding="utf-8")
    (tree / "bin/run").write_text(f"#!/bin/sh\necho {identity}\n", encoding="utf-8")
    (tree / "bin/run").chmod(0o755)
    if not (tree / "link").is_symlink():
        (tree / "link").symlink_to("lib/a/shared")
        os.link(tree / "bin/run", tree / "bin/again")


def run(*words: str | Path, cwd: Path | None = None) -> None:
    subprocess.run([str(word) for word in words], check=True, cwd=cwd, env=VARIABLES,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
