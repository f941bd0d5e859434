"""Compares releases-json(7) with its schemas, and runs the lines of its cookbook on a store."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

from harness import processes
from harness.archives import pack_files
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.guide.manual_page import unescaped
from harness.processes import must_run
from harness.repository import ROOT
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.processes import Run

PAGE = ROOT / "man/releases-json.7"
CONFIGURATION = """
keep: {count: 9, age: 0d}
hooks: {prepare: {run: sleep 0.1}}
health: {command: 'test ! -e sick', timeout: 1s}
"""
ID, SECONDS, TIME = r"[\w.-]+", r"[\d.e-]+ s", r"\d{4}-\d\d-\d\dT[\d:]+Z"
# What each line of the cookbook prints while the store is in order.
IN_ORDER = {
    "The live release": "good",
    "Commit or tag of the live release": "v1.4.1",
    "What needs attention": "",
    "Fail unless the live release is healthy": "",
    "Instances that do not serve": "",
    "Instances by what they are for": "",
    "Wait until a switch is confirmed": "",
    "Releases that are ready": "next\ngood\nold\nolder",
    "Release of a commit": "good",
    "Why releases are bad": r"sick\tnot healthy within 1s.*",
    "Table of releases and their sizes": rf"(?:{ID}\t\w+\t[\d.e-]+\n){{4}}{ID}\t\w+\t[\d.e-]+",
    "What a prune would remove": r"older\tnot among .*|older\t.*",
    "What failed, on one line": r"noSuchRelease \(4\): .*no-such-release.*",
    "Switches of the last 30 days": rf"(?:{TIME}\tactivate\t{ID}\t\w+\t\w+\n?){{4}}",
    "Share of switches that failed": r"0\.25",
    "Files that were modified": "",
    "What makes check fail": "",
    "Version of a library": r"[\d.]+",
    "Follow a deployment": r"(?:good\t\w+\tdone\n?)+",
}
# What they print while other users can write to releases.yaml.
UNSAFE = {
    "What needs attention": r"(?:\w+: .*\n  \S.*\n?)+",
    "What makes check fail": r"(?:.+: .+\n?)+",
}
# What they print after a file of the live release was changed.
MODIFIED = {"Files that were modified": "VERSION"}
DEPLOYMENT = "Outcome of a deployment"
# A service with instances, of which none runs, and what the lines print then.
INSTANCES = "service: {unit: app@, socket: '/run/app/{id}.sock', live: /run/app/live.sock}\n"
WITH_INSTANCES = {
    "Instances that do not serve": rf"{ID} is live, but .*/run/app.*",
    "Instances by what they are for": rf"live\t{ID}\t/run/app/{ID}\.sock",
}


class Cookbook:
    """The lines of the cookbook, and a store to run them on."""

    def __init__(self, work: Path, binary: Path) -> None:
        self.work = work
        shutil.rmtree(work, ignore_errors=True)
        (work / "bin").mkdir(parents=True)
        (work / "bin/releases").symlink_to(binary)
        self.store = Store(binary, work / "store")
        cookbook = PAGE.read_text().split("\n.Sh COOKBOOK\n")[1]
        lines = re.findall(r"^\.Ss (.*)\n\.Bd .*\n([^.][\s\S]*?)\n\.Ed", cookbook, re.MULTILINE)
        self.lines = {name: unescaped(line) for name, line in lines}

    def make_store(self) -> None:
        """Make a store with releases that are live, ready and bad."""
        self.store.path.mkdir(mode=0o755)
        self.store.must("init")
        (self.store.path / "releases.yaml").write_text(CONFIGURATION)
        for name, ref in (("older", "v1.3"), ("old", "v1.4.0"), ("good", "v1.4.1")):
            self.store.must("deploy", self.pack(name), "--id", name, "--ref", ref)
        archive = self.pack("sick", sick="")
        expect(self.store.run("deploy", archive, "--id", "sick").status == 10, "one is sick")
        self.store.must("unpack", self.pack("next"), "--id", "next")
        configuration = self.store.path / "releases.yaml"
        configuration.write_text(CONFIGURATION.replace("count: 9", "count: 1"))

    def pack(self, version: str, **files: str) -> str:
        """Pack a release."""
        return str(pack_files(self.work / "app.tar.gz", {"VERSION": version, **files}))

    def run(self, beginning: str) -> Run:
        """Run the line below a heading."""
        found = [line for name, line in self.lines.items() if name.startswith(beginning)]
        expect(len(found) == 1, f"the cookbook has a line for {beginning!r}")
        environment = {
            **processes.MINIMAL_ENVIRONMENT,
            "PATH": f"{self.work}/bin:{os.environ['PATH']}",
            "RELEASES_STORE": str(self.store.path),
        }
        words = ["bash", "-c", found[0]]
        return processes.run(words, directory=self.work, environment=environment, timeout=60)

    def expect_output(self, expected: dict[str, str]) -> None:
        """Each line prints what it should."""
        for beginning, pattern in expected.items():
            run = self.run(beginning)
            printed = run.output.strip("\n")
            is_right = re.fullmatch(pattern, printed) is not None
            expect(is_right, f"{beginning} prints {pattern!r}: {run}")

    def try_lines(self) -> None:
        """Run all lines."""
        known = [*IN_ORDER, DEPLOYMENT]
        unknown = [name for name in self.lines if not any(map(name.startswith, known))]
        expect(not unknown, f"every line of the cookbook is tested, but {unknown}")
        self.expect_output(IN_ORDER)
        is_healthy = self.run("Fail unless the live release is healthy").status == 0
        expect(is_healthy, "a healthy release is reported")
        (self.store.path / "releases.yaml").chmod(0o666)
        self.expect_output(UNSAFE)
        (self.store.path / "releases.yaml").chmod(0o644)
        live = self.store.path / "current"
        (live / "VERSION").write_text("changed")
        (live / "sick").touch()
        self.expect_output(MODIFIED)
        is_sick = self.run("Fail unless the live release is healthy").status != 0
        expect(is_sick, "an unhealthy release is reported")
        self.pack("newest")
        run = self.run(DEPLOYMENT)
        steps = rf"activated\n(?:[a-z]+ {SECONDS}\n)+"
        expect(re.fullmatch(steps, run.output) is not None, f"a deployment is reported: {run}")
        (self.store.path / "releases.yaml").write_text(INSTANCES)
        self.expect_output(WITH_INSTANCES)

    def expect_one_line(self) -> None:
        """A document is one line, also that of a failure."""
        for words in (("status",), ("list",), ("history",), ("show", "x"), ("frobnicate",)):
            run = self.store.run(*words, "--json")
            lines = run.output.splitlines()
            expect(len(lines) == 1 and isinstance(json.loads(lines[0]), dict), f"one line: {run}")


def expect_generated() -> None:
    """The page is the one that the schemas give."""
    program = ROOT / "Fixtures/json-page.py"
    page = must_run(sys.executable, program, ROOT / "man/schemas", f"{PAGE}.in")
    expect(page == PAGE.read_text(), "releases-json.7 is generated from man/schemas: make generate")


def main() -> int:
    """Run the suite."""
    options = suite_parser(__doc__).parse_args()
    expect_generated()
    cookbook = Cookbook(options.work, options.binary)
    try:
        cookbook.make_store()
        cookbook.expect_one_line()
        cookbook.try_lines()
    finally:
        shutil.rmtree(options.work)
    print(f"releases-json(7): {len(cookbook.lines)} lines of the cookbook work")
    return 0


if __name__ == "__main__":
    run_suite(main)
