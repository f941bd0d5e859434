"""Debian with SELinux enforcing: which labels a deployed release gets, and what is denied."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import trees
from guest import Run, Silent
from host import STORE
from scenarios import Course

CONTEXTS = "/etc/selinux/default/contexts/files/file_contexts"
ENFORCING = "security=selinux selinux=1 enforcing=1"
# A login's context: whoever deploys by SSH has it on Debian and on Fedora alike.
LOGIN = ("runcon", "unconfined_u:unconfined_r:unconfined_t:s0")
# What an administrator gives a directory that a web server may read.
OWN_TYPE = "httpd_sys_content_t"
AVC = re.compile(r"avc:\s+denied\s+\{ ([^}]*) \}(.*)")
FIELD = re.compile(r"(\w+)=(\"[^\"]*\"|\S+)")
# Denied and of no consequence. curl(1) opens /proc/self/fd/2 for writing; while the kernel looks
# the name up for the first time, it asks whether a file might be made there, and then finds it.
HARMLESS = re.compile(r"curl: create file (\w+) for \1")
# What this project brings or starts.
OURS = ("releases", "uvicorn", "curl", "sudo", "systemctl", "sh", "python3")


def relabel(tree: Path) -> None:
    """Every file gets the label of the policy; the disk takes it along."""
    trees.inside(tree, "setfiles", "-F", CONTEXTS, "/")


SUITE = trees.Suite(
    "selinux", "bookworm",
    ("selinux-policy-default", "selinux-basics", "policycoreutils", "auditd"), ENFORCING,
    finish=relabel)


class Labels(Course):
    """A course of its own: labels first, then what was denied."""

    def denials(self) -> Counter:
        """Of this boot; with a count each."""
        found = self.guest.run("sh", "-c", "ausearch -m AVC,USER_AVC -ts boot 2>/dev/null; dmesg")
        denied: Counter = Counter()
        for match in AVC.finditer(found.output):
            fields = {name: text.strip('"') for name, text in FIELD.findall(match[2])}
            if "comm" in fields:
                source, target = (fields[name].split(":")[2] for name in ("scontext", "tcontext"))
                what = f"{fields['comm']}: {match[1]} {fields['tclass']} {target} for {source}"
                denied[what] += 1
        return denied

    def enforced(self) -> bool:
        mode = self.guest.run("getenforce").output.strip()
        own = self.guest.run("cat", "/proc/self/attr/current").output.strip("\0\n")
        deploying = self.login("cat", "/proc/self/attr/current")
        self.part.text(f"`getenforce` says {mode}. The harness runs as `{own}`, a login as "
                       f"`{deploying.text.strip(chr(0))}`.")
        return mode == "Enforcing"

    def login(self, *words: str) -> Run:
        """As `deploy` would type it in a shell of SSH's."""
        shell = ("setpriv", "--reuid=deploy", "--regid=deploy", "--init-groups", "--")
        return self.guest.run(*LOGIN, *shell, *words)

    def by_hand(self, name: str) -> None:
        """What the shell workflow did before the tool: unpack in `releases/` itself."""
        line = (f"mkdir {STORE}/releases/{name} && tar -C {STORE}/releases/{name} -xzf "
                f"/mnt/harness/one.tar.gz")
        run = self.login("sh", "-c", line)
        if run.status != 0:
            raise RuntimeError(str(run))

    def labels(self, name: str) -> dict[str, str]:
        """Of every file of a release."""
        run = self.guest.run("sh", "-c", f"cd {STORE}/releases/{name} && find . -exec "
                             "stat -c '%n %C' {} +")
        return dict(line.rsplit(" ", 1) for line in run.output.splitlines())

    def compare(self, where: str, deployed: str, hand: str) -> None:
        """The same labels, whichever way a release came to be there."""
        ours, theirs = self.labels(deployed), self.labels(hand)
        # Files have the same names; only the user part may differ between processes.
        wrong = {name: (ours.get(name), theirs[name]) for name in theirs
                 if ours.get(name) != theirs[name]}
        kinds = sorted(set(ours.values()))
        seen = f"deploy: {', '.join(kinds)}; by hand: {', '.join(sorted(set(theirs.values())))}"
        self.note(f"labels of a release {where}", not wrong, seen)

    def deployed(self, name: str) -> None:
        run = self.login("releases", *self.host.deploying(f"{name}.tar.gz"))
        self.expect_run(f"deploy of {name} by a login", run, 0, name)

    def all(self) -> None:
        if not self.enforced():
            self.part.expect(False, "SELinux enforces")
        self.part.table(["denied while booting", "times"],
                        [[what, count] for what, count in self.denials().items()])
        before = self.denials()
        self.deployed("one")
        self.by_hand("hand")
        self.compare("below the policy's own label", "one", "hand")
        self.host.must("chcon", "-R", "-t", OWN_TYPE, f"{STORE}/releases")
        self.deployed("two")
        self.by_hand("hand2")
        self.compare(f"where `releases/` is {OWN_TYPE}", "two", "hand2")
        self.host.must("rm", "-r", f"{STORE}/releases/hand", f"{STORE}/releases/hand2")
        self.deployed("three")
        run = self.login("releases", "rollback")
        self.expect_run("rollback by a login", run, 0, "two")
        run = self.login("releases", "deploy", "/mnt/harness/dies.tar.gz", "--id", "dies")
        self.expect_run("deploy of a release that dies at start", run, 10, "two")
        for job in ("verify", "metrics", "prune"):
            self.service(job)
        run = self.host.releases("check")
        self.note("`check`", run.status == 0, f"status {run.status}", run.seconds)
        domains = self.guest.run("sh", "-c", "ps -eo label,args | grep -E 'uvicorn|sshd' | "
                                 "grep -v grep").output.strip()
        self.part.text(f"The service runs as: `{domains}`")
        denied = self.denials() - before
        self.cut_unconfirmed(live="two")
        self.denied(denied + (self.denials() - before))

    def denied(self, found: Counter) -> None:
        """Those that name what this project brings, and the others."""
        ours = {what for what in found if what.partition(":")[0] in OURS}
        holds = all(map(HARMLESS.fullmatch, ours))
        self.note("nothing that the tool, its units or its service need is denied", holds,
                  "; ".join(sorted(ours)) or "no denial")
        self.part.table(["denied since the boot", "times", "of consequence"],
                        [[what, count, "no" if HARMLESS.fullmatch(what) else ""]
                         for what, count in found.items()])
