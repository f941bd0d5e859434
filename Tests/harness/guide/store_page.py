"""Compares releases-store(7) with a store that the binary made."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import processes
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.guide.eventful_store import EventfulStore
from harness.guide.manual_page import ManualPage
from harness.repository import ROOT
from harness.store_files import SEALED_LINE, open_sealed, seal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.processes import Run
    from harness.store_files import Entry

CONTROL_COPIES = ("during-prepare", "frozen", "removing", "aborting", "staged", "rotated")
# Directories that the list of files has only with what is in them.
UNLISTED = {
    ".releases",
    *(f".releases/{name}" for name in ("attempts", "catalog", "manifests", "logs", "staging")),
}
# Older logs, and files that are about to replace others.
UNLISTED_NAME = re.compile(r"\.log\.1$|/\.[^/]+\.[0-9a-f]{8}$")


def expect_same(what: str, described: set[str], found: set[str]) -> None:
    """The page describes exactly what the store has."""
    expect(
        described == found,
        f"{what}: only the page has {sorted(described - found)},"
        f" only the store has {sorted(found - described)}",
    )


def open_sorted(line: bytes) -> Entry:
    """Return the members of a sealed line, which are sorted."""
    entry = open_sealed(line, "a line")
    expect(list(entry) == sorted(entry), f"the members are sorted: {line!r}")
    return entry


def member_names(entries: Iterable[dict[str, Any]]) -> set[str]:
    """Return the names of all members of some objects."""
    return {name for entry in entries for name in entry}


def values(entries: Iterable[dict[str, Any]], field: str) -> set[str]:
    """Return the values that a member has in some objects."""
    return {str(entry[field]) for entry in entries if field in entry}


class PageComparison:
    """The page, and the store that it is compared with."""

    def __init__(self, page: ManualPage, store: EventfulStore) -> None:
        self.page, self.store = page, store
        self.controls = [store.control, *(store.work / name for name in CONTROL_COPIES)]

    def compare(self) -> None:
        """Run all comparisons."""
        self.compare_journal()
        self.compare_catalog()
        self.compare_attempts()
        self.compare_freeze_and_abort()
        self.compare_files()
        self.compare_stage_and_trash()
        self.compare_modes()
        self.try_check_commands()
        self.try_seal_command()
        self.try_switch_commands()
        self.try_newer_format()

    def history_lines(self) -> list[bytes]:
        """Return the lines of the history."""
        return (self.store.control / "history.jsonl").read_bytes().splitlines()

    def compare_journal(self) -> None:
        """Journal and history have the members and values that the page describes."""
        section = ".releases/lock"
        size = self.page.number(r"Two slots of (\d+) bytes", section)
        whole = self.page.number(r"\b(\d+) bytes, mode", "FILES")
        entries = []
        for journal in self.store.journals:
            expect(
                len(journal) == whole == 2 * size,
                f"the lock file has {whole} bytes: {len(journal)}",
            )
            for slot in (journal[:size], journal[size:]):
                if slot.strip(b"\0"):
                    expect(slot.endswith(b" \n"), f"a slot is padded: {slot[-20:]!r}")
                    entries.append(open_sorted(slot.rstrip(b" \n")))
        history = [open_sorted(line) for line in self.history_lines()]
        expect(
            all(entry["phase"] == "done" for entry in history),
            "the history has finished ones alone",
        )
        order = [entry["sequence"] for entry in history]
        expect(order == sorted(order), "the history is in order")
        entries += history
        expect_same("journal", self.page.fields(section), member_names(entries))
        for field in ("phase", "operation", "outcome"):
            expect_same(field, self.page.values(section, field), values(entries, field))
        for field in ("before", "after"):
            links = member_names(entry[field] for entry in entries)
            expect_same(field, {"current", "previous"}, links)

    def compare_catalog(self) -> None:
        """Catalog entries have the members and values that the page describes."""
        section = ".releases/catalog"
        files = [file for control in self.controls for file in control.glob("catalog/*.json")]
        entries = []
        for file in files:
            entry = open_sorted(file.read_bytes().rstrip(b"\n"))
            expect(entry["id"] == file.stem, f"{file.name} describes its release")
            manifest = file.parents[1] / f"manifests/{file.stem}.mtree"
            digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
            is_right = entry["manifestDigest"] == digest or entry["state"] == "preparing"
            expect(is_right, f"{file.name} has the digest of its manifest")
            entries.append(entry)
        expect_same("catalog", self.page.fields(section), member_names(entries))
        expect_same("state", self.page.values(section, "state"), values(entries, "state"))
        self.compare_signers(entries)

    def compare_attempts(self) -> None:
        """The records of deployments have the members that the page describes."""
        entries = []
        for file in self.store.control.glob("attempts/*.json"):
            entry = open_sorted(file.read_bytes().rstrip(b"\n"))
            expect(entry["token"] == file.stem, f"{file.name} has its token")
            entries.append(entry)
        fields = self.page.fields(".releases/attempts")
        expect_same("attempts", fields, member_names(entries))

    def compare_signers(self, entries: list[Entry]) -> None:
        """The signer of a release has the members that the page describes."""
        found = member_names(entry["signer"] for entry in entries if "signer" in entry)
        text = self.page.section(".releases/catalog")
        match = re.search(r"^\.It Cm signer\b.*?\n(.*?)^\.It", text, re.MULTILINE | re.DOTALL)
        expect(match is not None, "the page describes the signer")
        lines = re.findall(r"^\.Cm (.*)$", match[1], re.MULTILINE) if match else []
        described = set(re.findall(r"[a-z][A-Za-z]+", " ".join(lines)))
        expect_same("signer", described, found)

    def compare_freeze_and_abort(self) -> None:
        """The files of a freeze and of an abort have the members that the page names."""
        text = self.page.section(".releases/freeze.json")
        lines = re.findall(r"^\.Cm .*$", text, re.MULTILINE)
        named = set(re.findall(r"\b[a-z]+\b", "".join(lines)))
        frozen = open_sorted((self.store.work / "frozen/freeze.json").read_bytes().rstrip(b"\n"))
        request = open_sorted((self.store.work / "aborting/abort.json").read_bytes().rstrip(b"\n"))
        expect_same("freeze and abort", named, set(frozen) | set(request))

    def files_of_store(self) -> set[str]:
        """Return the names of all files that the store has, or had at some moment."""
        store = self.store.path
        seen = {path.relative_to(store) for path in store.rglob("*")}
        found = {str(path) for path in seen if path.parts[0] not in ("releases", "shared")}
        found |= {"releases/good/", "shared/"}
        found |= {f"releases/{name}" for name in self.store.made_in_releases}
        for control in self.controls[1:]:
            found |= {f".releases/{path.relative_to(control)}" for path in control.rglob("*")}
        return found

    def listed_files(self) -> dict[str, re.Pattern[str]]:
        """Return the names in the list of files, each with a pattern of the files it stands for."""
        patterns = {}
        for name in self.page.files():
            pattern = re.escape(name).replace("XXXXXXXX", "[0-9a-f]{8}")
            pattern = pattern.replace("BOOT\\-ID", "[0-9a-f-]{36}").replace("HOOK", "[a-z]+")
            pattern = pattern.replace("SEQUENCE", "[0-9]{20}")
            pattern = pattern.replace("TOKEN", "[0-9A-Za-z._-]+")
            pattern = re.sub(r"\bID\b", "[0-9A-Za-z._-]+", pattern)
            contents = "(/.*)?" if name[-1] == "/" else ""
            patterns[name] = re.compile(pattern.rstrip("/") + contents)
        return patterns

    def compare_files(self) -> None:
        """The list of files has every file of the store, and no others."""
        found, patterns = self.files_of_store(), self.listed_files()
        unknown = {
            name
            for name in found - UNLISTED
            if not any(pattern.fullmatch(name) for pattern in patterns.values())
            and not UNLISTED_NAME.search(name)
        }
        expect(not unknown, f"the list of files has all files, but {sorted(unknown)}")
        for name, pattern in patterns.items():
            expect(any(pattern.fullmatch(path) for path in found), f"the store has {name}")

    def compare_stage_and_trash(self) -> None:
        """A stage has the files that the page names, and the trash has a release's own name."""
        staged = {path.name for path in (self.store.work / "staged/staging").glob("*/*")}
        items = self.page.section("FILES").split("\n.It ")
        stage = next(item for item in items if item.startswith("Pa .releases/staging/"))
        names = set(re.findall(r"^\.Pa (\S+)", stage, re.MULTILINE))
        expect_same("stage", names - {"staging"}, staged)
        removed = [path.name for path in (self.store.work / "removing/trash").iterdir()]
        is_named = any(re.fullmatch("sick\\.[0-9a-f]{8}", name) for name in removed)
        expect(is_named, f"the trash has the release: {removed}")

    def compare_modes(self) -> None:
        """Files have the modes that the page gives, and shared directories are links."""
        modes = {
            "lock": 0o640,
            "staging": 0o700,
            "trash": 0o700,
            "logs/good-prepare.log": 0o640,
        }
        for name, mode in modes.items():
            found = stat.S_IMODE((self.store.control / name).stat().st_mode)
            expect(found == mode, f"{name} has the mode {mode:o}, not {found:o}")
        target = (self.store.path / "releases/good/logs").readlink()
        expect(target == Path("../../shared/logs"), f"logs is a link to shared/logs: {target}")

    def shell(self, command: str) -> Run:
        """Run a command in the store, as a person types it."""
        return processes.run(["sh", "-c", command], directory=self.store.path)

    def try_check_commands(self) -> None:
        """The commands that check a release without the tool find damage."""
        commands = [
            command.replace("ID", "good")
            for command in self.page.commands("Check a release without this tool")
        ]
        expect(len(commands) == 2, "the page has two commands to check a release")
        for command in commands:
            run = self.shell(command)
            expect(run.status == 0 and not run.text, f"{command} finds nothing: {run}")
        damaged = self.store.path / "releases/good/same"
        content = damaged.read_bytes()
        damaged.unlink()
        damaged.write_bytes(content.upper())
        for command in commands:
            expect(self.shell(command).status != 0, f"{command} finds the damage")

    def try_seal_command(self) -> None:
        """The command that computes a checksum prints that of the last line."""
        match = SEALED_LINE.search(self.history_lines()[-1])
        command = self.page.commands("Sealed lines")[0]
        printed = self.shell(command).output.split()[0]
        expect(match is not None and printed == match[2].decode(), f"{command} prints the checksum")

    def try_switch_commands(self) -> None:
        """The commands that switch without the tool do, and a recovery accepts that."""
        *switches, afterwards = self.page.commands("Switch by hand")
        is_complete = len(switches) == 2 and "releases recover" in afterwards
        expect(is_complete, "the page has two ways to switch, and a recovery afterwards")
        for command, release in zip(switches, ("good", "signed")):
            line = command.replace("cd /opt/diting\n", "").replace("ID", release)
            run = self.shell(line.replace("sudo systemctl", ": systemctl"))
            expect(run.status == 0, f"{line} succeeds: {run}")
            live = (self.store.path / "current").readlink()
            expect(live == Path(f"releases/{release}"), f"{line} makes {release} live: {live}")
            self.store.run("recover")
            last = open_sorted(self.history_lines()[-1])
            expect(last["operation"] == "drift", f"the history has the switch: {last}")

    def try_newer_format(self) -> None:
        """A journal of a newer format is refused with the status that the page names."""
        status = self.page.number(r"status (\d+), and nothing is changed", "COMPATIBILITY")
        journal = self.store.control / "lock"
        whole = journal.read_bytes()
        line = seal(json.dumps({"format": 3}, separators=(",", ":")).encode()).rstrip(b"\n")
        journal.write_bytes(line.ljust(4095) + b"\n" + whole[4096:])
        for words in (("recover",), ("status",), ("rollback",)):
            self.store.run(*words, status=status)
        journal.write_bytes(whole)


def main() -> int:
    """Run the suite."""
    options = suite_parser(__doc__).parse_args()
    store = EventfulStore(options.work, options.binary)
    try:
        store.live_through_everything()
        PageComparison(ManualPage(ROOT / "man/releases-store.7"), store).compare()
    finally:
        shutil.rmtree(store.work)
    print("releases-store(7): its names, fields, values and commands are those of a store")
    return 0


if __name__ == "__main__":
    run_suite(main)
