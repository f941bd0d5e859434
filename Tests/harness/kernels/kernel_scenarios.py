"""The scenarios that are tried under each kernel, in this order."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from harness.crash.scenarios import SCENARIOS
from harness.kernels import service_archives
from harness.kernels.installed_host import STORE, InstalledHost, python_module
from harness.processes import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from harness.kernels.guest import Guest
    from harness.kernels.report import Part
    from harness.processes import Run

# The archives of releases that work, on the second disk of the guest.
WORKING = ("one", "two", "three", "four", "five", "six")
LARGE_FILES = 3000
AT_RANDOM = ("red", "green", "blue", "black", "white", "pink", "cyan", "gold")
# The time limit of a long command on an emulated processor, in seconds.
LONG_SECONDS = 1800


def make_archives(directory: Path) -> None:
    """Make all archives that are deployed."""
    for name in WORKING + AT_RANDOM:
        service_archives.pack(directory, name, service_archives.SERVES)
    service_archives.pack(directory, "dies", service_archives.DIES)
    service_archives.pack(directory, "hangs", service_archives.HANGS)
    service_archives.pack(directory, "large", service_archives.SERVES, LARGE_FILES)


class KernelScenarios:
    """The scenarios of one kernel, and the table of the report."""

    def __init__(self, guest: Guest, part: Part) -> None:
        self.guest, self.part, self.host = guest, part, InstalledHost(guest)
        self.rows: list[list[object]] = []

    def note(self, what: str, holds: bool, seen: str, seconds: float | None = None) -> bool:
        """Add a row to the table, and a broken promise if it does not hold."""
        self.rows.append([what, "" if seconds is None else seconds, seen, holds])
        print(f"  {'ok' if holds else 'BROKEN'}: {what}: {seen}", flush=True)
        return self.part.expect(holds, f"{what}: {seen}")

    def expect_run(self, what: str, run: Run, status: int, live: str) -> None:
        """Expect that a command ended with a status, and that this release is live and answers."""
        serving = self.host.serves()
        links = self.host.live()
        seen = f"status {run.status}; live {links}, {serving} answers"
        holds = run.status == status and (links, serving) == (live, live)
        if not holds:
            seen += f"; {run.text}"
        self.note(what, holds, seen, run.seconds)

    def begin(self) -> None:
        """Install the package, and add the kernel's version and what `check` reports."""
        self.host.install()
        uname = self.guest.run("uname", "-sr").output.strip()
        systemd = self.guest.run("systemctl", "--version").output.partition("\n")[0]
        tool = self.guest.run("releases", "--version").output.strip()
        modules = self.guest.run("cat", "/sys/kernel/security/lsm").output.strip()
        self.part.text(
            f"{uname}; {systemd}; {tool}. Security modules: {modules}. "
            f"The first boot took {self.guest.boot_seconds[0]:.0f} s."
        )
        checked = self.host.releases("check")
        self.part.text("`releases check` prints:")
        self.part.block(checked.output)

    def deploy_and_roll_back(self) -> None:
        """Deploy releases that work and one that does not, and roll back."""
        host = self.host
        self.expect_run("deploy, the first", host.deploy("one.tar.gz"), 0, "one")
        self.expect_run("deploy, the second", host.deploy("two.tar.gz"), 0, "two")
        self.expect_run(
            "deploy of a release that dies at start", host.deploy("dies.tar.gz"), 10, "two"
        )
        self.expect_run("rollback", host.releases("rollback"), 0, "one")
        self.expect_run("deploy, the third", host.deploy("three.tar.gz"), 0, "three")
        run = host.releases("verify", "--all")
        self.note("verify --all", run.status == 0, f"status {run.status}: {run.text}", run.seconds)
        self.judged("after all of these")

    def timers(self) -> None:
        """Start the services of the shipped timers, in their sandboxes."""
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
        self.note(
            "prune frees what it removes",
            holds,
            f"removed {', '.join(gone)}; trash: {' '.join(trash) or 'empty'}",
        )
        host.must("sed", "-i", "s/count: 1, age: 0d/count: 3, age: 7d/", f"{STORE}/releases.yaml")

    def service(self, job: str) -> None:
        """Start a shipped service, and expect that it succeeds."""
        unit = self.host.unit(job)
        start = time.monotonic()
        self.guest.run("systemctl", "start", unit, timeout=LONG_SECONDS)
        found = self.host.result(unit)
        seen = f"{found.get('Result')}, status {found.get('ExecMainStatus')}"
        holds = seen == "success, status 0"
        self.note(
            f"`{unit}`", holds, "\n".join([seen, self.host.log(unit)]), time.monotonic() - start
        )

    def judged(self, when: str) -> dict[str, Any]:
        """Let the oracle read the whole store, and return what it found."""
        found, problem = self.host.judge()
        what = f"the store is in order, {when}"
        if found is None:
            self.note(what, False, problem)
            return {"current": self.host.live(), "previous": None, "releases": {}}
        states = [f"{identity} {state}" for identity, state in found["releases"].items()]
        links = f"live {found['current']}, rollback target {found['previous']}"
        self.note(what, True, ", ".join([links, *states]))
        return found

    def cut_and_boot(self) -> str:
        """Cut the power and boot; return what the recovery at boot logged."""
        before = self.guest.boot_id
        self.guest.cut()
        self.guest.boot()
        self.part.expect(self.guest.boot_id != before, "each boot has its own id")
        unit = self.host.unit("recover")
        found = self.host.result(unit)
        logged = self.host.log(unit)
        holds = found.get("Result") == "success" and found.get("ExecMainStatus") == "0"
        self.note(
            f"`{unit}` at boot {self.guest.boots}",
            holds,
            f"{found.get('Result')}, status {found.get('ExecMainStatus')}\n{logged}",
        )
        return logged

    def cut_unconfirmed(self, live: str = "three") -> None:
        """Cut the power in an unconfirmed switch; the old release has to serve after the boot."""
        words = ("releases", *self.host.deploying("hangs.tar.gz"))
        self.host.must("systemd-run", "--unit=deploying", "--uid=deploy", *words)
        if not wait_until(lambda: self.host.live() == "hangs", 300, 0.2):
            self.note("the switch to a release that hangs", False, self.host.log("deploying"))
            return
        # This is longer than the kernel waits before it writes unflushed data.
        time.sleep(2)
        self.cut_and_boot()
        found = self.judged("after a power cut in an unconfirmed switch")
        serving = self.host.serves()
        holds = (found["current"], serving) == (live, live)
        holds = holds and found["releases"].get("hangs", "").startswith("bad")
        self.note(
            "the old release serves afterwards, and the new one is bad",
            holds,
            f"live {found['current']}, {serving} answers, hangs is "
            f"{found['releases'].get('hangs')}",
        )
        entries = [one for one in self.host.history() if one.get("id") == "hangs"]
        shown = self.host.releases("history").output.splitlines()[:4]
        self.note(
            "`history` says why",
            any("undone" in str(one) or "note" in one for one in entries),
            "\n".join(shown),
        )
        run = self.host.releases("status")
        self.note("`status`", run.status == 0, f"status {run.status}", run.seconds)

    def cut_after_deploy(self) -> None:
        """Cut the power as soon as a deploy has reported success; it has to last."""
        run = self.host.deploy("four.tar.gz")
        self.guest.cut()
        self.note(
            "deploy, and the power is cut as it ends",
            run.status == 0,
            f"status {run.status}",
            run.seconds,
        )
        self.cut_and_boot()
        found = self.judged("after that")
        serving = self.host.serves()
        self.note(
            "the release whose deploy reported success serves",
            (found["current"], serving) == ("four", "four"),
            f"live {found['current']}, {serving} answers",
        )

    def cut_unpacking(self) -> None:
        """Cut the power while an archive is unpacked; the release must not exist afterwards."""
        self.host.must(
            "systemd-run",
            "--unit=deploying",
            "--uid=deploy",
            "releases",
            *self.host.deploying("large.tar.gz"),
        )
        begun = wait_until(lambda: self.staged() >= 400, 300, 0.2)
        self.cut_and_boot()
        is_absent = self.guest.run("test", "-e", f"{STORE}/releases/large").status != 0
        self.note(
            "power cut in a stage of 400 files or more",
            begun and is_absent,
            f"{self.staged()} of them are on the disk after boot, and no release",
        )
        self.host.releases("recover")
        found = self.judged("after a power cut while unpacking 3,000 files, and a recovery")
        serving = self.host.serves()
        self.note(
            "no file of it is left",
            found["current"] == serving == "four" and "large" not in found["releases"],
            f"{serving} answers",
        )

    def staged(self) -> int:
        """Return the number of files in the stages; 400 means 400 or more."""
        line = f"find {STORE}/.releases/staging -type f | head -n 400 | wc -l"
        return int(self.guest.run("sh", "-c", line).output)

    def cut_at_random(self, seed: int, times: int) -> None:
        """Deploy one release after another, and cut the power at a random moment."""
        chance = random.Random(f"{seed} {self.part.name}")
        names = list(AT_RANDOM)
        for number in range(times):
            live = ""
            limit = time.monotonic() + chance.uniform(2, 60)
            reported = self.host.live()
            while time.monotonic() < limit:
                live = names.pop(0)
                words = self.host.deploying(f"{live}.tar.gz")
                self.guest.begin("releases", *words, user="deploy")
                if not self.guest.has_answered(max(0.0, limit - time.monotonic())):
                    break
                run = self.guest.end()
                reported = live if run.status == 0 else reported
                names.append(live)
                self.host.releases("remove", names[0])
            self.cut_and_boot()
            found = self.judged(f"after power cut {number + 1} of {times} at a random moment")
            serving = self.host.serves()
            legal = {reported, live}
            self.note(
                f"cut {number + 1} of {times}",
                found["current"] == serving and serving in legal,
                f"reported {reported}, under way {live}; "
                f"live {found['current']}, {serving} answers",
            )
            if live not in found["releases"] and live not in names:
                names.insert(0, live)

    def crash_slice(self, seed: int, tasks: int) -> None:
        """Run random tasks of the crash suite on the guest's ext4 and its kernel.

        Each command is killed at some of its calls, and so is the recovery that follows.
        """
        names = [one.name for one in SCENARIOS if not one.then and not one.files]
        chosen = random.Random(f"{seed} {self.part.name}").sample(names, tasks)
        self.host.must("mkdir", "-p", "/var/tmp/crash")
        for name in chosen:
            run = self.guest.run(
                *python_module("harness.crash"),
                "/usr/bin/releases",
                "--work",
                "/var/tmp/crash",
                "--here",
                "/var/tmp",
                "--share",
                "0.04",
                "--again",
                "0.01",
                "--processes",
                "1",
                "--seed",
                str(seed),
                "--task",
                "kill",
                name,
                "SIGKILL",
                timeout=LONG_SECONDS,
            )
            last = run.output.strip().rpartition("\n")[2]
            self.note(
                f"crash suite: `kill`, {name}",
                run.status == 0,
                last if run.status == 0 else run.text[-2000:],
                run.seconds,
            )

    def finish(self) -> None:
        """Add the table to the report."""
        self.part.table(["scenario", "s", "seen", "holds"], self.rows)
