"""Shows that the crash suite notices when a flush, rename, lock, checksum or recovery rule is gone.

Each of them is removed in turn from a copy of the repository in WORK/tree, which is built and
tested. The program exits with 1 when a mutant survives, and writes WORK/results/mutants.json for
harness.crash.report. With names, only those mutants are tried, and their results replace those of a
former run. Mutants of instances boot a host with the package of --package, which takes root;
without it, they are left out. With --check, it only proves that the text of each mutant occurs once
in the sources.
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
from typing import TYPE_CHECKING

from harness import processes, tool_messages
from harness.command_line import absolute_path, run_suite
from harness.crash import host_trial
from harness.crash.mutations import MUTANTS
from harness.crash.mutations.mutant import Mutant, StaleMutant
from harness.processes import must_run
from harness.repository import ROOT, module_command

if TYPE_CHECKING:
    from pathlib import Path

    from harness.crash.tasks import Task

# A debug build of one changed file takes a quarter of the time of a release build. The hosts have
# no Swift runtime.
BUILD = ["Fixtures/swift.sh", "build", "--product", "releases", "--static-swift-stdlib"]
SEED = "1"


@dataclass(frozen=True)
class Outcome:
    """Whether a mutant was killed, and what noticed it."""

    name: str
    what: str
    killed: bool
    # The task that noticed it, and the violation that it printed.
    by: str
    seconds: float


class TaskBroken(Exception):
    """A task could not be run to its end."""


class MutantTree:
    """A copy of the repository, in which mutants are made and tested."""

    def __init__(self, work: Path, package: Path | None = None) -> None:
        """Copy the files that git tracks, and keep those that have not changed.

        package: what the hosts of the mutants of instances install.
        """
        self.work, self.package = work, package
        self.tree = work / "tree"
        self.binary = self.tree / ".build/debug/releases"
        self.tree.mkdir(parents=True, exist_ok=True)
        files = must_run("git", "ls-files", "-z", directory=ROOT)
        names = list(filter(None, files.split("\0")))
        # A source that was removed or renamed since would still be compiled.
        for left in (self.tree / "Sources").rglob("*.swift"):
            if str(left.relative_to(self.tree)) not in names:
                left.unlink()
        for name in names:
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
        """Build the product; return the compiler's output if that fails."""
        command = ["env", f"RELEASES_ISAL={self.tree / '.build/isal'}", *BUILD]
        ended = processes.run(command, directory=self.tree)
        return None if ended.status == 0 else ended.text[-2000:]

    def violation(self, task: Task, images: int) -> str | None:
        """Run a task on the tree as it is; return its first violation, if it finds any.

        Raises TaskBroken when the task fails without one: that proves nothing.
        """
        command = self._command(task, images)
        # The debug build is slow, and no mutant is noticed by its time.
        environment = {"RELEASES_CRASH_SECONDS": "10", **os.environ}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        ) as trial:
            try:
                output, _ = trial.communicate()
            except BaseException:
                # It unmounts its file systems then.
                trial.terminate()
                raise
        if trial.returncode == 0:
            return None
        # The report does not need the path.
        output = output.replace(f"{self.work}/", "")
        if task.kind == "host":
            found = host_trial.violation(output)
        else:
            lines = [line.strip() for line in output.splitlines() if "VIOLATION" in line]
            found = next(iter(lines), None)
        if not found:
            raise TaskBroken(output[-300:])
        return found

    def _command(self, task: Task, images: int) -> list[str]:
        tests = self.tree / "Tests"
        if task.kind == "host":
            assert self.package
            return host_trial.command(task, self.binary, self.package, self.work / "host", tests)
        options = ["--seed", SEED, "--images", str(images), "--processes", "1", "--again", "0.1"]
        words = [str(self.binary), "--work", str(self.work / "trial"), *options]
        return module_command("harness.crash", *words, "--task", *task, tests=tests)

    def try_out(self, mutant: Mutant) -> Outcome:
        """Make a mutant, build it, and run its tasks until one notices it."""
        start = time.monotonic()
        try:
            path = mutant.find(self.tree / "Sources")
        except StaleMutant as error:
            return Outcome(mutant.name, mutant.what, False, f"stale: {error}", 0)
        original = path.read_text("utf-8")
        path.write_text(original.replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            problem = self.build()
            if problem:
                return Outcome(mutant.name, mutant.what, False, f"not built: {problem}", 0)
            for task in mutant.tasks:
                violation = self.violation(task, mutant.images)
                if violation:
                    by = f"{', '.join(filter(None, task))}: {violation}"
                    return Outcome(mutant.name, mutant.what, True, by, time.monotonic() - start)
        except TaskBroken as error:
            return Outcome(mutant.name, mutant.what, False, f"not tested: {error}", 0)
        finally:
            path.write_text(original, encoding="utf-8")
        return Outcome(mutant.name, mutant.what, False, "SURVIVED", time.monotonic() - start)


def write(path: Path, outcomes: list[Outcome], seconds: float) -> None:
    """Write the results, and keep those of other mutants that still exist."""
    rows = {outcome.name: asdict(outcome) for outcome in outcomes}
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        rows = {**{row["name"]: row for row in before["rows"]}, **rows}
        seconds += before["seconds"]
    path.parent.mkdir(exist_ok=True)
    about = {
        "seconds": seconds,
        "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "rows": [rows[mutant.name] for mutant in MUTANTS if mutant.name in rows],
    }
    path.write_text(json.dumps(about, indent=1), encoding="utf-8")


def check_texts() -> int:
    """Print the mutants whose text does not occur once in the sources; return the exit status."""
    stale = []
    for mutant in MUTANTS:
        try:
            mutant.find(ROOT / "Sources")
        except StaleMutant as error:
            stale.append(str(error))
    print("\n".join([*stale, f"mutants: {len(MUTANTS) - len(stale)} of {len(MUTANTS)} apply"]))
    return 1 if stale else 0


def expect_healthy(tree: MutantTree, chosen: list[Mutant]) -> None:
    """Exit unless the tree can be built and passes all tasks without a mutant."""
    problem = tree.build()
    if problem:
        sys.exit(problem)
    tool_messages.expect_in_program(tree.binary)
    tasks = {(task, mutant.images) for mutant in chosen for task in mutant.tasks}
    for task, images in sorted(tasks):
        try:
            violation = tree.violation(task, images)
        except TaskBroken as error:
            sys.exit(f"without any mutant: {' | '.join(task)}: {error}")
        if violation:
            sys.exit(f"without any mutant: {' | '.join(task)}: {violation}")


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=absolute_path, help="the directory to work in")
    parser.add_argument("--package", type=absolute_path, help="the package that `make deb` builds")
    parser.add_argument("--check", action="store_true", help="only check that the mutants apply")
    parser.add_argument("names", nargs="*", help="the mutants to try (default: all)")
    options = parser.parse_intermixed_args()
    if not options.check and not options.work:
        parser.error("--work is needed")
    return options


def main() -> int:
    """Run the suite."""
    options = arguments()
    if options.check:
        return check_texts()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tree = MutantTree(options.work, options.package)
    chosen = [
        mutant
        for mutant in MUTANTS
        if (not options.names or mutant.name in options.names)
        and (options.package or not mutant.needs_host)
    ]
    start = time.monotonic()
    expect_healthy(tree, chosen)
    outcomes = []
    for mutant in chosen:
        outcome = tree.try_out(mutant)
        outcomes.append(outcome)
        word = "killed" if outcome.killed else "ALIVE"
        print(f"{word}: {outcome.name} ({outcome.seconds:.0f} s): {outcome.by[:300]}", flush=True)
    alive = [outcome.name for outcome in outcomes if not outcome.killed]
    results = tree.work / "results/mutants.json"
    if not options.names:
        results.unlink(missing_ok=True)
    write(results, outcomes, time.monotonic() - start)
    killed = len(outcomes) - len(alive)
    print(f"{killed} of {len(outcomes)} mutants killed; alive: {alive or 'none'}")
    return 1 if alive else 0


if __name__ == "__main__":
    run_suite(main)
