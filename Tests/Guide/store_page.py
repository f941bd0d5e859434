"""Holds releases-store(7) against a store that the binary made.

    store_page.py BINARY --work DIRECTORY
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from eventful import EventfulStore
from page import Page

ROOT = Path(__file__).resolve().parents[2]
SEAL = re.compile(rb',"sha256":"([0-9a-f]{64})"}$')


def same(what: str, described: set[str], found: set[str]) -> None:
    assert described == found, (
        f"{what}: only the page has {sorted(described - found)},"
        f" only the store has {sorted(found - described)}")


def unsealed(line: bytes) -> dict[str, object]:
    """A line's members, once its seal has been found to fit."""
    seal = SEAL.search(line)
    assert seal, f"no seal: {line!r}"
    body = line[:seal.start()] + b"}"
    assert hashlib.sha256(body).hexdigest() == seal[1].decode(), f"the seal does not fit: {line!r}"
    members = json.loads(body)
    assert list(members) == sorted(members), f"not sorted: {line!r}"
    return members


def members(entries: Iterable[dict[str, object]]) -> set[str]:
    return {name for entry in entries for name in entry}


def values(entries: Iterable[dict[str, object]], field: str) -> set[str]:
    return {str(entry[field]) for entry in entries if field in entry}


class Held:
    """The page, held against the store."""

    def __init__(self, page: Page, store: EventfulStore):
        self.page, self.store = page, store
        self.controls = [store.control] + [
            store.work / name for name in ("during-prepare", "frozen", "removing", "aborting", "staged")]

    def journal(self) -> None:
        section = ".releases/lock"
        size = int(re.search(r"Two slots of (\d+) bytes", self.page.section(section))[1])
        whole = int(re.search(r"^(\d+) bytes, mode", self.page.section("FILES"), re.MULTILINE)[1])
        entries = []
        for journal in self.store.journals:
            assert len(journal) == whole == 2 * size, f"the lock file has {len(journal)} bytes"
            for slot in (journal[:size], journal[size:]):
                if slot.strip(b"\0"):
                    assert slot.endswith(b" \n"), f"not padded: {slot[-20:]!r}"
                    entries.append(unsealed(slot.rstrip(b" \n")))
        history = [unsealed(line) for line in
                   (self.store.control / "history.jsonl").read_bytes().splitlines()]
        assert all(entry["phase"] == "done" for entry in history)
        order = [entry["sequence"] for entry in history]
        assert order == sorted(order), "the history is in order"
        entries += history
        same("journal", self.page.fields(section), members(entries))
        for field in ("phase", "operation", "outcome"):
            same(field, self.page.values(section, field), values(entries, field))
        for field in ("before", "after"):
            links = members(entry[field] for entry in entries)
            same(field, {"current", "previous"}, links)

    def catalog(self) -> None:
        section = ".releases/catalog"
        files = [file for control in self.controls for file in control.glob("catalog/*.json")]
        entries = []
        for file in files:
            entry = unsealed(file.read_bytes().rstrip(b"\n"))
            assert entry["id"] == file.stem
            digest = hashlib.sha256(
                (file.parents[1] / f"manifests/{file.stem}.mtree").read_bytes()).hexdigest()
            assert entry["manifestDigest"] == digest or entry["state"] == "preparing"
            entries.append(entry)
        same("catalog", self.page.fields(section), members(entries))
        same("state", self.page.values(section, "state"), values(entries, "state"))
        text = self.page.section(section)
        signers = members(entry["signer"] for entry in entries if "signer" in entry)
        described = re.search(r"^Who signed the archive:\n(.*?)^\.It", text, re.M | re.S)[1]
        same("signer", set(re.findall(r"[a-z][A-Za-z]+", described)) - {"and"}, signers)

    def small_files(self) -> None:
        text = self.page.section(".releases/freeze.json")
        named = set(re.findall(r"\b[a-z]+\b", "".join(re.findall(r"^\.Cm .*$", text, re.M))))
        frozen = unsealed((self.store.work / "frozen/freeze.json").read_bytes().rstrip(b"\n"))
        asked = unsealed((self.store.work / "aborting/abort.json").read_bytes().rstrip(b"\n"))
        same("freeze and abort", named, set(frozen) | set(asked))

    def names(self) -> None:
        """Every file of the store is in the list, and the list has no others."""
        store = self.store.path
        seen = {path.relative_to(store) for path in store.rglob("*")}
        found = {str(path) for path in seen if path.parts[0] not in ("releases", "shared")}
        found |= {"releases/good/", "shared/"}
        found |= {f"releases/{name}" for name in self.store.made_in_releases}
        for control in self.controls[1:]:
            found |= {f".releases/{path.relative_to(control)}" for path in control.rglob("*")}
        patterns = {}
        for name in self.page.files():
            wanted = re.escape(name).replace("XXXXXXXX", "[0-9a-f]{8}")
            wanted = wanted.replace("BOOT\\-ID", "[0-9a-f-]{36}").replace("HOOK", "[a-z]+")
            wanted = re.sub(r"\bID\b", "[0-9A-Za-z._-]+", wanted)
            patterns[name] = re.compile(wanted.rstrip("/") + ("(/.*)?" if name[-1] == "/" else ""))
        unknown = {name for name in found
                   if not any(pattern.fullmatch(name) for pattern in patterns.values())}
        # The directories that the list names only with what is in them, older
        # logs, and files about to replace others.
        unknown -= {".releases", *(f".releases/{name}" for name in
                                   ("catalog", "manifests", "logs", "staging"))}
        unknown = {name for name in unknown
                   if not re.search(r"\.log\.1$|/\.[^/]+\.[0-9a-f]{8}$", name)}
        assert not unknown, f"not in the list of files: {sorted(unknown)}"
        for name, pattern in patterns.items():
            assert any(pattern.fullmatch(path) for path in found), f"there is no {name}"
        staged = {path.name for path in (self.store.work / "staged/staging").glob("*/*")}
        text = self.page.section("FILES").split("\n.It ")
        stage = next(item for item in text if item.startswith("Pa .releases/staging/"))
        same("stage", set(re.findall(r"^\.Pa (\S+)", stage, re.M)) - {"staging"}, staged)
        removed = [path.name for path in (self.store.work / "removing/trash").iterdir()]
        assert any(re.fullmatch("sick\\.[0-9a-f]{8}", name) for name in removed), removed

    def modes(self) -> None:
        control = self.store.control
        for path, mode in ((control / "lock", 0o640), (control / "staging", 0o700),
                           (control / "trash", 0o700),
                           (control / "logs/good-prepare.log", 0o640)):
            assert stat.S_IMODE(path.stat().st_mode) == mode, f"{path.name}: not {mode:o}"
        assert (self.store.path / "releases/good/logs").readlink() == Path("../../shared/logs")

    def shell(self, command: str, directory: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", command], cwd=directory, capture_output=True, text=True, check=False)

    def commands(self) -> None:
        """What the page says to type without the tool does what it says."""
        store = self.store.path
        mtree, sums = (
            command.replace("ID", "good")
            for command in self.page.commands("Check a release without this tool"))
        damaged = store / "releases/good/same"
        for command in (mtree, sums):
            run = self.shell(command, store)
            assert (run.returncode, run.stdout + run.stderr) == (0, ""), f"{command}: {run}"
        content = damaged.read_bytes()
        damaged.unlink()
        damaged.write_bytes(content.upper())
        for command in (mtree, sums):
            assert self.shell(command, store).returncode, f"damage not seen: {command}"
        by_hand = self.page.commands("Sealed lines")[0]
        last = (store / ".releases/history.jsonl").read_bytes().splitlines()[-1]
        assert self.shell(by_hand, store).stdout.split()[0] == SEAL.search(last)[1].decode()
        switches = self.page.commands("Switch by hand")
        afterwards = switches.pop()
        assert len(switches) == 2 and "releases recover" in afterwards
        for command, release in zip(switches, ("good", "signed")):
            command = command.replace("cd /opt/diting\n", "").replace("ID", release)
            command = command.replace("sudo systemctl", ": systemctl")
            run = self.shell(command, store)
            assert run.returncode == 0, f"{command}: {run}"
            assert (store / "current").readlink() == Path(f"releases/{release}")
            self.store.run("recover")
            last = (store / ".releases/history.jsonl").read_bytes().splitlines()[-1]
            assert unsealed(last)["operation"] == "drift"

    def newer(self) -> None:
        """A higher format is refused with the status that the page names."""
        text = self.page.section("COMPATIBILITY")
        status = int(re.search(r"status (\d+), and nothing is changed", " ".join(text.split()))[1])
        journal = self.store.control / "lock"
        entry = json.dumps({"format": 2}, separators=(",", ":")).encode()
        seal = hashlib.sha256(entry).hexdigest()
        line = entry[:-1] + b',"sha256":"' + seal.encode() + b'"}'
        whole = journal.read_bytes()
        journal.write_bytes(line.ljust(4095) + b"\n" + whole[4096:])
        for words in (("recover",), ("status",), ("rollback",)):
            self.store.run(*words, status=status)
        journal.write_bytes(whole)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    store = EventfulStore(options.work.resolve(), options.binary.resolve())
    held = Held(Page(ROOT / "man/releases-store.7"), store)
    try:
        store.live_through()
        for check in (held.journal, held.catalog, held.small_files, held.names, held.modes,
                      held.commands, held.newer):
            check()
    except AssertionError as broken:
        print(f"releases-store(7): {broken}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(store.work)
    print("releases-store(7): names, fields, values and commands are those of a store")
    return 0


if __name__ == "__main__":
    sys.exit(main())
