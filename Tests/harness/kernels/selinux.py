"""Debian with SELinux enforcing: the labels that a release gets, and what is denied."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from harness.kernels.guest_disks import Suite, inside
from harness.kernels.installed_host import STORE
from harness.kernels.kernel_scenarios import KernelScenarios

if TYPE_CHECKING:
    from pathlib import Path

    from harness.processes import Run

CONTEXTS = "/etc/selinux/default/contexts/files/file_contexts"
ENFORCING = "security=selinux selinux=1 enforcing=1"
# The context of an SSH login, on Debian and on Fedora.
LOGIN = ("runcon", "unconfined_u:unconfined_r:unconfined_t:s0")
# The type of a directory that a web server may read.
OWN_TYPE = "httpd_sys_content_t"
AVC = re.compile(r"avc:\s+denied\s+\{ ([^}]*) \}(.*)")
FIELD = re.compile(r"(\w+)=(\"[^\"]*\"|\S+)")
# This has no consequences: curl(1) opens /proc/self/fd/2 for writing, and while the kernel looks
# the name up for the first time, it checks whether a file may be made there, and then finds it.
HARMLESS = re.compile(r"curl: create file (\w+) for \1")
# The programs that this project installs or starts.
OURS = ("releases", "uvicorn", "curl", "sudo", "systemctl", "sh", "python3")


def relabel(tree: Path) -> None:
    """Give every file the label of the policy."""
    inside(tree, "setfiles", "-F", CONTEXTS, "/")


SUITE = Suite(
    "selinux",
    "bookworm",
    ("selinux-policy-default", "selinux-basics", "policycoreutils", "auditd"),
    ENFORCING,
    finish=relabel,
)


class SELinuxScenarios(KernelScenarios):
    """The scenarios under SELinux: labels first, then what was denied."""

    def denials(self) -> Counter[str]:
        """Return how often each access was denied since the boot."""
        found = self.guest.run("sh", "-c", "ausearch -m AVC,USER_AVC -ts boot 2>/dev/null; dmesg")
        denied: Counter[str] = Counter()
        for match in AVC.finditer(found.output):
            fields = {name: text.strip('"') for name, text in FIELD.findall(match[2])}
            if "comm" in fields:
                source, target = (fields[name].split(":")[2] for name in ("scontext", "tcontext"))
                what = f"{fields['comm']}: {match[1]} {fields['tclass']} {target} for {source}"
                denied[what] += 1
        return denied

    def is_enforcing(self) -> bool:
        """Return whether SELinux enforces, and add the contexts to the report."""
        mode = self.guest.run("getenforce").output.strip()
        own = self.guest.run("cat", "/proc/self/attr/current").output.strip("\0\n")
        deploying = self.login("cat", "/proc/self/attr/current")
        self.part.text(
            f"`getenforce` prints {mode}. The harness runs as `{own}`, a login as "
            f"`{deploying.text.strip(chr(0))}`."
        )
        return mode == "Enforcing"

    def login(self, *words: str) -> Run:
        """Run a command as the user `deploy` does in a shell over SSH."""
        shell = ("setpriv", "--reuid=deploy", "--regid=deploy", "--init-groups", "--")
        return self.guest.run(*LOGIN, *shell, *words)

    def by_hand(self, name: str) -> None:
        """Unpack a release in `releases/`, as a deployment by shell commands does."""
        line = (
            f"mkdir {STORE}/releases/{name} && tar -C {STORE}/releases/{name} -xzf "
            f"/mnt/harness/one.tar.gz"
        )
        run = self.login("sh", "-c", line)
        if run.status != 0:
            raise RuntimeError(str(run))

    def labels(self, name: str) -> dict[str, str]:
        """Return the label of every file of a release."""
        run = self.guest.run(
            "sh", "-c", f"cd {STORE}/releases/{name} && find . -exec stat -c '%n %C' {{}} +"
        )
        pairs = (line.rpartition(" ") for line in run.output.splitlines())
        return {name: label for name, _, label in pairs}

    def compare(self, where: str, deployed: str, hand: str) -> None:
        """Expect the same labels for a deployed release and for one that was unpacked by hand."""
        ours, theirs = self.labels(deployed), self.labels(hand)
        different = {
            name: (ours.get(name), theirs[name])
            for name in theirs
            if ours.get(name) != theirs[name]
        }
        kinds = sorted(set(ours.values()))
        seen = f"deploy: {', '.join(kinds)}; by hand: {', '.join(sorted(set(theirs.values())))}"
        self.note(f"labels of a release {where}", not different, seen)

    def deploy_as_login(self, name: str) -> None:
        """Deploy a release as a login does."""
        run = self.login("releases", *self.host.deploying(f"{name}.tar.gz"))
        self.expect_run(f"deploy of {name} by a login", run, 0, name)

    def run_all(self) -> None:
        """Run all scenarios."""
        if not self.is_enforcing():
            self.part.expect(False, "SELinux enforces")
        self.part.table(
            ["denied while booting", "times"],
            [[what, count] for what, count in self.denials().items()],
        )
        before = self.denials()
        self.deploy_as_login("one")
        self.by_hand("hand")
        self.compare("below the policy's own label", "one", "hand")
        self.host.must("chcon", "-R", "-t", OWN_TYPE, f"{STORE}/releases")
        self.deploy_as_login("two")
        self.by_hand("hand2")
        self.compare(f"where `releases/` is {OWN_TYPE}", "two", "hand2")
        self.host.must("rm", "-r", f"{STORE}/releases/hand", f"{STORE}/releases/hand2")
        self.deploy_as_login("three")
        run = self.login("releases", "rollback")
        self.expect_run("rollback by a login", run, 0, "two")
        run = self.login("releases", "deploy", "/mnt/harness/dies.tar.gz", "--id", "dies")
        self.expect_run("deploy of a release that dies at start", run, 10, "two")
        for job in ("verify", "metrics", "prune"):
            self.service(job)
        run = self.host.releases("check")
        self.note("`check`", run.status == 0, f"status {run.status}", run.seconds)
        domains = self.guest.run(
            "sh", "-c", "ps -eo label,args | grep -E 'uvicorn|sshd' | grep -v grep"
        ).output.strip()
        self.part.text(f"The service runs as: `{domains}`")
        denied = self.denials() - before
        self.cut_unconfirmed(live="two")
        self.report_denials(denied + (self.denials() - before))

    def report_denials(self, found: Counter[str]) -> None:
        """Add what was denied, and expect that nothing of it matters to this project."""
        ours = {what for what in found if what.partition(":")[0] in OURS}
        holds = all(map(HARMLESS.fullmatch, ours))
        self.note(
            "nothing that the tool, its units or its service need is denied",
            holds,
            "; ".join(sorted(ours)) or "no denial",
        )
        self.part.table(
            ["denied since the boot", "times", "of consequence"],
            [
                [what, count, "no" if HARMLESS.fullmatch(what) else ""]
                for what, count in found.items()
            ],
        )
