"""Tests an SSH key that may deploy and read the status, and nothing else, over a real sshd."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from harness import processes
from harness.archives import pack_files
from harness.assertions import expect
from harness.callers.hostile_command_lines import LINES
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.network import free_port
from harness.processes import must_run, shortened
from harness.ssh_server import SSHServer
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.processes import Run

REFUSED, MISTAKE = 3, 2


class Key:
    """An SSH key with a forced command, and the store that it gives access to."""

    def __init__(self, server: SSHServer, store: Path) -> None:
        self.server, self.store = server, store

    def request(self, line: str, *options: str, data: bytes = b"") -> Run:
        """Run a command line over SSH.

        options: more options of ssh(1).
        """
        return processes.run(self.server.client(line, *options), data=data, timeout=60)


def facts(store: Path) -> str:
    """Return everything in the store, and when each file last changed."""
    listed = must_run("find", store, "-printf", "%P %y %i %m %s %T@ %l\\n")
    return "\n".join(sorted(listed.splitlines()))


def expect_deploys(key: Key, content: bytes) -> None:
    """The key deploys an archive, and the history names the key."""
    ended = key.request("releases deploy - --json --ref 'v 1'", data=content)
    expect(ended.status == 0, f"the deploy succeeds: {ended}")
    expect(ended.json["outcome"] == "activated", f"the report says so: {ended.json}")
    expect((key.store / "current/VERSION").read_text() == "1\n", "the release is live")
    history = (key.store / ".releases/history.jsonl").read_text()
    expect("(key github)" in history, "the history names the key")
    # Some clients send the line end of what was typed.
    status = key.request("status --json\n").json
    expect(status["last"]["user"].endswith("(key github)"), "the status names the key")


def expect_rejects_cut_off_archive(key: Key, content: bytes) -> None:
    """An archive whose end does not arrive is not deployed."""
    before = key.request("status --json").json
    ended = key.request(f"deploy - --size {len(content)}", data=content[:-10])
    expect(ended.status == 6, f"an incomplete archive is rejected: {ended}")
    after = key.request("status --json").json
    expect(before["live"] == after["live"], "the live release stays live")


def expect_refuses_hostile_lines(key: Key) -> int:
    """Each hostile command line is refused, and the store does not change."""
    before = facts(key.store)

    def attempt(line: str) -> None:
        ended = key.request(line)
        shown = shortened(repr(line), 80)
        # A line of a command that the key may run can also be wrong in its options or operands.
        is_mistake = ended.status == MISTAKE and "releases help " in ended.errors
        expect(ended.status == REFUSED or is_mistake, f"{shown} is refused: {ended}")
        if line.strip(" \t"):
            # sshd takes blanks alone for the request of a shell, which has no error to print.
            is_told = "error: " in ended.errors and "uid=" not in ended.output
            expect(is_told, f"the refusal of {shown} is an error message: {ended}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(attempt, LINES))
    expect(facts(key.store) == before, "the store is as it was")
    return len(LINES)


def expect_nothing_but_commands(key: Key) -> None:
    """The key opens no terminal, no forwarding and no subsystem, and sets no variables."""
    ended = key.request("status --json", "-tt")
    expect("PTY allocation request failed" in ended.errors, f"the key gets no terminal: {ended}")
    forwarding = ["-o", "ExitOnForwardFailure=yes", "-R", f"{free_port()}:127.0.0.1:22"]
    ended = key.request("status", *forwarding)
    expect(ended.status == 255, f"the key cannot forward ports: {ended}")
    ended = key.request("sftp", "-s")
    expect(ended.status in (REFUSED, 255) and not ended.output, f"the key gets no sftp: {ended}")
    ended = key.request("status --json", "-o", "SetEnv=RELEASES_STORE=/nowhere RELEASES_KEY=root")
    expect(ended.json["store"] == str(key.store), f"the key cannot choose the store: {ended}")


def main() -> int:
    """Run the suite."""
    options = suite_parser(__doc__).parse_args()
    with empty_directory(options.work) as work:
        store = Store(options.binary, work / "store")
        store.must("init")
        forced = f"{options.binary} gate --allow deploy,status --name github --store {store.path}"
        with SSHServer(work / "ssh", f'restrict,command="{forced}"') as server:
            key = Key(server, store.path)
            content = pack_files(work / "app.tar.gz", {"VERSION": "1\n"}).read_bytes()
            expect_deploys(key, content)
            expect_rejects_cut_off_archive(key, content)
            count = expect_refuses_hostile_lines(key)
            expect_nothing_but_commands(key)
            expect_deploys(key, content)
    print(f"gate: the key deploys, and {count} hostile command lines are refused")
    return 0


if __name__ == "__main__":
    run_suite(main)
