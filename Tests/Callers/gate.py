"""A key that may deploy and look, and nothing else, over a real sshd.

    gate.py BINARY --work DIRECTORY
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hostile import LINES
from promise import expect, fresh
from sshd import SSHServer

REFUSED = 3


class Key:
    """An SSH key with a forced command, and the store it leads to."""

    def __init__(self, server: SSHServer, store: Path):
        self.server, self.store = server, store

    def ask(self, line: str, *more: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.server.client(line, *more), input=data, capture_output=True, check=False,
            timeout=60)


def facts(store: Path) -> str:
    """Everything in the store and when it last changed."""
    listed = subprocess.run(
        ["find", store, "-printf", "%P %y %i %m %s %T@ %l\\n"], check=True, capture_output=True,
        text=True).stdout
    return "\n".join(sorted(listed.splitlines()))


def archive(work: Path) -> bytes:
    tree = work / "tree"
    tree.mkdir()
    (tree / "VERSION").write_text("1\n")
    return subprocess.run(
        ["tar", "-cz", "-C", tree, "."], check=True, capture_output=True).stdout


def deploys(key: Key, content: bytes) -> None:
    ended = key.ask("releases deploy - --json --ref 'v 1'", data=content)
    expect(ended.returncode == 0, f"it deploys: {ended}")
    report = json.loads(ended.stdout)
    expect(report["outcome"] == "activated", f"it says so: {report}")
    expect((key.store / "current/VERSION").read_text() == "1\n", "it is live")
    history = (key.store / ".releases/history.jsonl").read_text()
    expect("(key github)" in history, "the history names the key")
    ended = key.ask("status --json")
    expect(json.loads(ended.stdout)["last"]["user"].endswith("(key github)"), "status names it")


def cut_off(key: Key, content: bytes) -> None:
    """An archive whose end does not arrive is not deployed."""
    before = key.ask("status --json").stdout
    ended = key.ask(f"deploy - --size {len(content)}", data=content[:-10])
    expect(ended.returncode == 6, f"half an archive is rejected: {ended}")
    live = [json.loads(text)["live"] for text in (before, key.ask("status --json").stdout)]
    expect(live[0] == live[1], "what is live stays live")


def refuses(key: Key) -> int:
    before = facts(key.store)

    def attempt(line: str) -> None:
        ended = key.ask(line)
        what = line if len(line) < 80 else line[:77] + "..."
        if line.strip(" \t") == "":
            # Nothing but blanks asks sshd for a shell.
            expect(ended.returncode == REFUSED, f"no shell for {what!r}: {ended}")
            return
        expect(ended.returncode == REFUSED, f"{what!r} is refused: {ended}")
        expect(b"error: " in ended.stderr and b"uid=" not in ended.stdout, f"{what!r}: {ended}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(attempt, LINES))
    expect(facts(key.store) == before, "the store is as it was")
    return len(LINES)


def opens_nothing_else(key: Key) -> None:
    """No terminal, no forwarding, no subsystem, no environment."""
    ended = key.ask("status --json", "-tt")
    expect(b"PTY allocation request failed" in ended.stderr, f"no terminal: {ended}")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    ended = key.ask("status", "-o", "ExitOnForwardFailure=yes", "-R", f"{port}:127.0.0.1:22")
    expect(ended.returncode == 255, f"no remote forwarding: {ended}")
    ended = subprocess.run(
        [*key.server.client("sftp", "-s")], input=b"", capture_output=True, check=False)
    expect(ended.returncode in (REFUSED, 255) and not ended.stdout, f"no sftp: {ended}")
    ended = key.ask("status --json", "-o", "SetEnv=RELEASES_STORE=/nowhere RELEASES_KEY=root")
    expect(json.loads(ended.stdout)["store"] == str(key.store), f"no other store: {ended}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    binary = options.binary.resolve()
    with fresh(options.work) as work:
        store = work / "store"
        subprocess.run([binary, "--store", store, "init"], check=True, stdout=subprocess.DEVNULL)
        forced = f"{binary} gate --allow deploy,status --name github --store {store}"
        with SSHServer(work / "ssh", f'restrict,command="{forced}"') as server:
            key = Key(server, store)
            content = archive(work)
            deploys(key, content)
            cut_off(key, content)
            count = refuses(key)
            opens_nothing_else(key)
            deploys(key, content)
    print(f"the key deploys, and {count} hostile command lines are refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
