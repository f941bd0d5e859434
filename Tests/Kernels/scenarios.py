"""What is done to the host under each kernel, in this order, and what must be seen."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import application
import trees
from guest import Guest, Run
from host import STORE, Host
from report import Part

# What the part's guest finds on its second disk; the names say what each does.
WORKING = ("one", "two", "three", "four", "five", "six")
LARGE_FILES = 3000
RANDOM = ("red", "green", "blue", "black", "white", "pink", "cyan", "gold")
# The names of what the crash suite can kill.
CRASH = Path(__file__).resolve().parents[1] / "Crash"
LIST = """\
from scenarios import BY_NAME
print("\\n".join(name for name, one in BY_NAME.items() if not one.then and not one.files))
"""
# How long a command under TCG may take before it is taken for one that hangs.
LONG = 1800


def archives(directory: Path) -> None:
    """All that is deployed in these scenarios."""
    for name in WORKING + RANDOM:
        application.pack(directory, name, application.SERVES)
    application.pack(directory, "dies", application.DIES)
    application.pack(directory, "hangs", application.HANGS)
    application.pack(directory, "large", application.SERVES, LARGE_FILES)


class Course:
    """The scenarios of one kernel, and the table that they fill."""

    def __init__(self, guest: Guest, part: Part):
        self.guest, self.part, self.host = guest, part, Host(guest)
        self.rows: list[list[object]] = []

    def note(self, what: str, holds: bool, seen: str, seconds: float | None = None) -> bool:
        """A row of the table, and a broken promise where it does not hold."""
        self.rows.append([what, "" if seconds is None else seconds, seen, holds])
        print(f"  {'ok' if holds else 'BROKEN'}: {what}: {seen}", flush=True)
        return self.part.expect(holds, f"{what}: {seen}")

    def expect_run(self, what: str, run: Run, status: int, live: str) -> None:
        """A command ended as it should, and the service answers with this release."""
        serving = self.host.serves()
        links = self.host.live()
        seen = f"status {run.status}; live {links}, {serving} answers"
        holds = run.status == status and (links, serving) == (live, live)
        if not holds:
            seen += f"; {run.text}"
        self.note(what, holds, seen, run.seconds)

    def begin(self) -> None:
        """Installs the package; what the kernel is, and what the tool says of it."""
        self.host.install()
        uname = self.guest.run("uname", "-sr").output.strip()
        systemd = self.guest.run("systemctl", "--version").output.partition("\n")[0]
        tool = self.guest.run("releases", "--version").output.strip()
        modules = self.guest.run("cat", "/sys/kernel/security/lsm").output.strip()
        self.part.text(f"{uname}; {systemd}; {tool}. Security modules: {modules}. "
                       f"The first boot took {self.guest.boot_seconds[0]:.0f} s.")
        checked = self.host.releases("check")
        self.part.text("`releases check` says:")
        self.part.block(checked.output)

    def main_job(self) -> None:
        host = self.host
        self.expect_run("deploy, the first", host.deploy("one.tar.gz"), 0, "one")
        self.expect_run("deploy, the second", host.deploy("two.tar.gz"), 0, "two")
        self.expect_run("deploy of a release that dies at start", host.deploy("dies.tar.gz"), 10,
                        "two")
        self.expect_run("rollback", host.releases("rollback"), 0, "one")
        self.expect_run("deploy, the third", host.deploy("three.tar.gz"), 0, "three")
        run = host.releases("verify", "--all")
        self.note("verify --all", run.status == 0, f"status {run.status}: {run.text}", run.seconds)
        self.judged("after all of these")

    def timers(self) -> None:
        """What the shipped timers start, with the sandbox of the shipped units."""
        host = self.host
        for job in ("verify", "metrics"):
            self.service(job)
        for name in ("five", "six"):
            host.releases("unpack", f"/mnt/harness/{name}.tar.gz", "--id", name)
        before = self.guest.run("ls", f"{STORE}/releases").output.split()
        host.must("sed", "-i", "s/count: 3, age: 7d/count: 1, age: 0d/", f"{STORE}/releases.yaml")
        self.service("prune")
        after = self.guest.run("ls", f"{STORE}/releases").output.split()
        trash = self.guest.run("ls", "-A", f"{STORE}/.releases/trash").output.split()
        gone = sorted(set(before) - set(after))
        holds = "five" in gone and not trash and "three" in after
        self.note("prune frees what it removes", holds,
                  f"removed {', '.join(gone)}; trash: {' '.join(trash) or 'empty'}")
        host.must("sed", "-i", "s/count: 1, age: 0d/count: 3, age: 7d/", f"{STORE}/releases.yaml")

    def service(self, job: str) -> None:
        unit = self.host.unit(job)
        start = time.monotonic()
        self.guest.run("systemctl", "start", unit, timeout=LONG)
        found = self.host.result(unit)
        seen = f"{found.get('Result')}, status {found.get('ExecMainStatus')}"
        holds = seen == "success, status 0"
        self.note(f"`{unit}`", holds, "\n".join([seen, self.host.log(unit)]),
                  time.monotonic() - start)

    def judged(self, when: str) -> dict:
        """The crash suite's oracle reads the whole store."""
        found, problem = self.host.judge()
        self.note(f"the oracle of the crash suite, {when}", found is not None,
                  problem or f"live {found['current']}, rollback target {found['previous']}, "
                  + ", ".join(f"{one} {how}" for one, how in found["releases"].items()))
        return found or {"current": self.host.live(), "previous": None, "releases": {}}

    def again(self) -> str:
        """Cuts the power and boots again; what boot recovery logged."""
        before = self.guest.boot_id
        self.guest.cut()
        self.guest.boot()
        self.part.expect(self.guest.boot_id != before, "each boot has its own id")
        unit = self.host.unit("recover")
        found = self.host.result(unit)
        said = self.host.log(unit)
        holds = found.get("Result") == "success" and found.get("ExecMainStatus") == "0"
        self.note(f"`{unit}` at boot {self.guest.boots}", holds,
                  f"{found.get('Result')}, status {found.get('ExecMainStatus')}\n{said}")
        return said

    def cut_unconfirmed(self, live: str = "three") -> None:
        """The promise that everything else is for: a broken release does not survive a reboot."""
        words = ("releases", *self.host.deploying("hangs.tar.gz"))
        self.host.must("systemd-run", "--unit=deploying", "--uid=deploy", *words)
        if not self.until(lambda: self.host.live() == "hangs"):
            self.note("the switch to a release that hangs", False, self.host.log("deploying"))
            return
        # Longer than the kernel waits before it writes unflushed data.
        time.sleep(2)
        self.again()
        found = self.judged("after a power cut in an unconfirmed switch")
        serving = self.host.serves()
        holds = (found["current"], serving) == (live, live)
        holds = holds and found["releases"].get("hangs", "").startswith("bad")
        self.note("after it the old release serves and the new one is bad", holds,
                  f"live {found['current']}, {serving} answers, hangs is "
                  f"{found['releases'].get('hangs')}")
        told = [one for one in self.host.history() if one.get("id") == "hangs"]
        shown = self.host.releases("history").output.splitlines()[:4]
        self.note("`history` says why", any("undone" in str(one) or "note" in one for one in told),
                  "\n".join(shown))
        run = self.host.releases("status")
        self.note("`status`", run.status == 0, f"status {run.status}", run.seconds)

    def cut_acknowledged(self) -> None:
        """What was said to be done is on the disk, without a second to spare."""
        run = self.host.deploy("four.tar.gz")
        self.guest.cut()
        self.note("deploy, and the power is cut as it ends", run.status == 0,
                  f"status {run.status}", run.seconds)
        self.again()
        found = self.judged("after that")
        serving = self.host.serves()
        self.note("the release that was acknowledged serves",
                  (found["current"], serving) == ("four", "four"),
                  f"live {found['current']}, {serving} answers")

    def cut_unpacking(self) -> None:
        """A release appears whole or not at all."""
        self.host.must("systemd-run", "--unit=deploying", "--uid=deploy", "releases",
                       *self.host.deploying("large.tar.gz"))
        begun = self.until(lambda: self.staged() >= 400)
        self.again()
        is_absent = self.guest.run("test", "-e", f"{STORE}/releases/large").status != 0
        self.note("power cut in a stage of 400 files or more", begun and is_absent,
                  f"{self.staged()} of them are on the disk after boot, and no release")
        self.host.releases("recover")
        found = self.judged("after a power cut while unpacking 3,000 files, and a recovery")
        serving = self.host.serves()
        self.note("nothing of it is left", found["current"] == serving == "four"
                  and "large" not in found["releases"], f"{serving} answers")

    def staged(self) -> int:
        """How many files are in the stages; 400 stands for more."""
        line = f"find {STORE}/.releases/staging -type f | head -n 400 | wc -l"
        return int(self.guest.run("sh", "-c", line).output)

    def cut_anywhere(self, seed: int, times: int) -> None:
        """Deploys one release after another until the power fails, at no chosen moment."""
        chance = random.Random(f"{seed} {self.part.name}")
        names = list(RANDOM)
        for number in range(times):
            live, said = "", []
            limit = time.monotonic() + chance.uniform(2, 60)
            acknowledged = self.host.live()
            while time.monotonic() < limit:
                live = names.pop(0)
                words = self.host.deploying(f"{live}.tar.gz")
                self.guest.begin("releases", *words, user="deploy")
                if not self.guest.has_answered(max(0.0, limit - time.monotonic())):
                    break
                run = self.guest.end("releases", *words)
                said.append(f"{live} {run.status}")
                acknowledged = live if run.status == 0 else acknowledged
                names.append(live)
                self.host.releases("remove", names[0])
            self.again()
            found = self.judged(f"after power cut {number + 1} of {times} at a random moment")
            serving = self.host.serves()
            legal = {acknowledged, live}
            self.note(f"cut {number + 1} of {times}", found["current"] == serving
                      and serving in legal, f"acknowledged {acknowledged}, under way {live}; "
                      f"live {found['current']}, {serving} answers")
            if live not in found["releases"] and live not in names:
                names.insert(0, live)

    def until(self, holds: Callable[[], bool], seconds: float = 300) -> bool:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if holds():
                return True
            time.sleep(0.2)
        return False

    def slice(self, seed: int, tasks: int) -> None:
        """A seeded choice of the crash suite, on the guest's ext4 and its kernel: each command is
        killed at some of its calls, and so is the recovery that follows."""
        names = trees.run(sys.executable, "-B", "-c", LIST, cwd=CRASH).split("\n")[:-1]
        chosen = random.Random(f"{seed} {self.part.name}").sample(names, tasks)
        self.host.must("mkdir", "-p", "/var/tmp/crash")
        for name in chosen:
            run = self.guest.run(
                "env", "RELEASES_CRASH_SECONDS=60", "python3", "-B", "/mnt/harness/Crash/run.py",
                "/usr/bin/releases", "--work", "/var/tmp/crash", "--here", "/var/tmp",
                "--share", "0.04", "--again", "0.01", "--processes", "1", "--seed", str(seed),
                "--task", "kill", name, "SIGKILL", timeout=LONG)
            last = run.output.strip().rpartition("\n")[2]
            self.note(f"crash suite: `kill`, {name}", run.status == 0,
                      last if run.status == 0 else run.text[-2000:], run.seconds)

    def finish(self) -> None:
        self.part.table(["situation", "s", "seen", "holds"], self.rows)
