"""Mutation proof: takes out each flush, rename, lock, checksum and recovery rule in turn, builds
that, and shows that the crash suite notices.

    mutants.py --work DIRECTORY [NAME...]

The tree is copied to DIRECTORY/tree first; yours is not touched. Ends with 1 when a mutant
survives, and writes DIRECTORY/results/mutants.json for report.py; with names, only those are tried,
and what came of them takes its place in what a whole run wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from mutations import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
# Debug: a build of a changed file takes a quarter of the time.
BUILD = ["Fixtures/swift.sh", "build", "--product", "releases"]
SEED = "1"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    name: str
    what: str
    killed: bool
    # The task that noticed, and what it said.
    by: str
    seconds: float


class Nursery:
    """A copy of the tree, in which mutants are made."""

    def __init__(self, work: Path):
        self.work = work
        self.tree = work / "tree"
        self.tree.mkdir(parents=True, exist_ok=True)
        files = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
        for name in filter(None, files.decode().split("\0")):
            source, target = ROOT / name, self.tree / name
            if not source.is_file():
                continue
            if target.exists() and source.read_bytes() == target.read_bytes():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        static = ROOT / ".build/isal"
        if static.is_dir():
            shutil.copytree(static, self.tree / ".build/isal", dirs_exist_ok=True)

    def build(self) -> str | None:
        """None when it was built, else what the compiler said."""
        variables = {**os.environ, "RELEASES_ISAL": str(self.tree / ".build/isal")}
        ended = subprocess.run(
            BUILD, cwd=self.tree, env=variables, capture_output=True, text=True, check=False)
        return None if ended.returncode == 0 else (ended.stdout + ended.stderr)[-2000:]

    def noticed(self, task: tuple[str, str, str], images: int) -> str | None:
        """What the suite says of the tree as it is; None when it sees nothing wrong."""
        words = [
            sys.executable, "-B", str(self.tree / "Tests/Crash/run.py"),
            str(self.tree / ".build/debug/releases"), "--work", str(self.work / "trial"),
            "--seed", SEED, "--images", str(images), "--processes", "1", "--again", "0.1",
            "--task", *task]
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as trial:
            try:
                said, _ = trial.communicate()
            except BaseException:
                # It takes down what it has mounted.
                trial.terminate()
                raise
        if trial.returncode == 0:
            return None
        # Where it was tried is nothing to the report.
        said = said.replace(f"{self.work}/", "")
        lines = [line.strip() for line in said.splitlines() if "VIOLATION" in line]
        return lines[0] if lines else said[-300:]

    def try_out(self, mutant: Mutant) -> Verdict:
        start = time.monotonic()
        path = self.tree / mutant.file
        original = path.read_text("utf-8")
        if original.count(mutant.old) != 1:
            return Verdict(mutant.name, mutant.what, False, "stale: its text is not there once", 0)
        path.write_text(original.replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            problem = self.build()
            if problem:
                return Verdict(mutant.name, mutant.what, False, f"not built: {problem}", 0)
            for task in mutant.tasks:
                said = self.noticed(task, mutant.images)
                if said:
                    by = f"{', '.join(filter(None, task))}: {said}"
                    return Verdict(mutant.name, mutant.what, True, by, time.monotonic() - start)
        finally:
            path.write_text(original, encoding="utf-8")
        return Verdict(mutant.name, mutant.what, False, "SURVIVED", time.monotonic() - start)


def write(path: Path, verdicts: list[Verdict], seconds: float) -> None:
    """Adds to what is there already of other mutants that there still are."""
    rows = {verdict.name: asdict(verdict) for verdict in verdicts}
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        rows = {**{row["name"]: row for row in before["rows"]}, **rows}
        seconds += before["seconds"]
    path.parent.mkdir(exist_ok=True)
    about = {
        "seconds": seconds, "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "rows": [rows[mutant.name] for mutant in MUTANTS if mutant.name in rows]}
    path.write_text(json.dumps(about, indent=1), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    nursery = Nursery(Path(options.work).resolve())
    chosen = [mutant for mutant in MUTANTS if not options.names or mutant.name in options.names]
    start = time.monotonic()
    problem = nursery.build()
    if problem:
        sys.exit(problem)
    # What kills a healthy tree kills nothing.
    trials = {(task, mutant.images) for mutant in chosen for task in mutant.tasks}
    for task, images in sorted(trials):
        said = nursery.noticed(task, images)
        if said:
            sys.exit(f"without any mutation: {task}: {said}")
    verdicts = []
    for mutant in chosen:
        verdict = nursery.try_out(mutant)
        verdicts.append(verdict)
        word = "killed" if verdict.killed else "ALIVE"
        print(f"{word}: {verdict.name} ({verdict.seconds:.0f} s): {verdict.by[:300]}", flush=True)
    alive = [verdict.name for verdict in verdicts if not verdict.killed]
    results = nursery.work / "results/mutants.json"
    if not options.names:
        results.unlink(missing_ok=True)
    write(results, verdicts, time.monotonic() - start)
    killed = len(verdicts) - len(alive)
    print(f"{killed} of {len(verdicts)} mutants killed; alive: {alive or 'none'}")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
