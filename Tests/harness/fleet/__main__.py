"""Deploys with the Ansible collection to five hosts, and compares it with Ansible's deploy_helper.

All hosts have the new release afterwards, or all have the old one. The comparison shows how long
both ways take, and what a failure leaves.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness.archives import pack_files
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.fleet.first_install import expect_first_install
from harness.fleet.hosts import Fleet, FleetHost
from harness.namespaces import is_inside, run_inside
from harness.processes import must_run
from harness.repository import HARNESS, ROOT

if TYPE_CHECKING:
    from harness.processes import Run

PLAYBOOKS = HARNESS / "fleet"
COLLECTION = ROOT / "Integrations/ansible"
COUNT = 5
# The name of the task that switches.
SWITCH_TASK = "Switch, and roll back on failure"
# A file in /opt says which release a host cannot prepare, or which does not work on it.
HOOKS = {
    "prepare": "test ! -e /opt/unprepared-$(cat VERSION)",
    "restart": "if test -e /opt/cuts-off; then sh /opt/cuts-off; fi",
    "healthy": "test ! -e /opt/broken-$(cat VERSION)",
}


def make_archive(work: Path, number: int) -> Path:
    """Make the archive of a service with the libraries that it needs: 880 files, 34 MB."""
    dice = random.Random(number)
    files = {
        f"library{index % 40}/module{index}.py": dice.randbytes(34_000_000 // 880 // 2).hex()
        for index in range(880)
    }
    return pack_files(work / f"app-{number}.tar.gz", {**files, "VERSION": f"{number}\n"})


class Deployments:
    """Releases with rising numbers, which are deployed to a fleet."""

    def __init__(self, fleet: Fleet, work: Path, shows: bool) -> None:
        """Begin without a release.

        shows: whether the output of each deployment is printed.
        """
        self.shows = shows
        self.fleet, self.work, self.number = fleet, work, 0
        self.archive = work

    @property
    def hosts(self) -> list[FleetHost]:
        """The hosts of the fleet."""
        return self.fleet.hosts

    def make_next(self) -> None:
        """Make the archive of the next release."""
        self.number += 1
        self.archive = make_archive(self.work, self.number)

    def deploy(self, *options: str) -> Run:
        """Deploy the archive with the collection."""
        variables = [
            f"releases_archive={self.archive}",
            "releases_program=/opt/bin/releases",
            f"releases_id={self.number}",
        ]
        words = [word for variable in variables for word in ("-e", variable)]
        playbook = "diting.releases.deploy"
        ended = self.fleet.ansible("ansible-playbook", playbook, *words, *options)
        if self.shows:
            print(ended.output)
        return ended

    def deploy_with_helper(self) -> Run:
        """Deploy the archive with Ansible's deploy_helper."""
        playbook = PLAYBOOKS / "deploy_helper.yml"
        words = ("-e", f"archive={self.archive}", "-e", f"release={self.number}")
        return self.fleet.ansible("ansible-playbook", playbook, *words)

    def live(self, place: str = "diting") -> list[str]:
        """Return the live release of each host."""
        links = [host.opt / place / "current" for host in self.hosts]
        # The link must not be resolved, since its target is on the host's own root.
        return [Path(os.readlink(link)).name if link.is_symlink() else "" for link in links]

    def expect_live(self, number: int | list[int], promise: str) -> None:
        """Expect that each host has this release, or the one in the list."""
        numbers = number if isinstance(number, list) else [number] * COUNT
        live = [(host.opt / "diting/current/VERSION").read_text().strip() for host in self.hosts]
        expect(live == [str(each) for each in numbers], f"{promise}: {live}")


def set_up(deployments: Deployments, binary: Path) -> None:
    """Set the hosts up with the collection."""
    for host in deployments.hosts:
        (host.opt / "bin").mkdir()
        for name, text in HOOKS.items():
            (host.opt / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (host.opt / "bin" / name).chmod(0o755)
    words = ("ansible-playbook", PLAYBOOKS / "set_up.yml", "-e", f"binary={binary}")
    ended = deployments.fleet.ansible(*words)
    expect(ended.status == 0, f"the hosts are set up: {ended}")
    wrong = deployments.fleet.ansible(*words, "-e", '{"releases_config": {"keep": {"cuont": 3}}}')
    expect(
        "unknown key 'cuont' in keep" in wrong.output and "failed=1" in wrong.output,
        f"a mistake in the configuration is reported: {wrong}",
    )
    ended = deployments.fleet.ansible(*words)
    expect(ended.status == 0, f"the configuration is corrected: {ended}")
    again = deployments.fleet.ansible(*words, "--check", "--diff")
    expect(
        again.status == 0 and "changed=0" in again.output, f"a second run changes nothing: {again}"
    )


def all_get_the_new_release(deployments: Deployments) -> None:
    """A check changes nothing, and a deployment reaches all hosts and happens once."""
    deployments.make_next()
    predicted = deployments.deploy("--check", "--diff")
    expect(predicted.status == 0, f"a check succeeds: {predicted}")
    expect("+1 ready" in predicted.output, f"the check reports what would change: {predicted}")
    expect(deployments.live() == [""] * COUNT, "a check changes nothing")
    ended = deployments.deploy()
    expect(ended.status == 0, f"the deployment succeeds: {ended}")
    expect(SWITCH_TASK in ended.output, f"the switch has its task: {ended}")
    deployments.expect_live(1, "all hosts have the release")
    again = deployments.deploy()
    expect(again.status == 0, f"a second deployment succeeds: {again}")
    expect(
        again.output.count("changed=0") == COUNT, f"a second deployment changes nothing: {again}"
    )
    left = [
        str(path) for host in deployments.hosts for path in host.opt.glob(".ansible/releases.*")
    ]
    expect(not left, f"no archive is left: {left}")


def all_roll_back_with_one(deployments: Deployments) -> None:
    """The release does not work on one host, and all roll back."""
    deployments.make_next()
    (deployments.hosts[3].opt / f"broken-{deployments.number}").touch()
    ended = deployments.deploy()
    expect(ended.status != 0, "the deployment fails")
    deployments.expect_live(1, "all hosts have the old release, since one failed")
    expect("host4: live 1; failed: " in ended.output, f"the report names the host: {ended}")
    rolled_back = ended.output.count("was rolled back")
    expect(rolled_back >= 3, f"the report names the others: {ended}")


def none_switches_unless_all_can(deployments: Deployments) -> None:
    """One host cannot prepare the release, and none is switched."""
    deployments.make_next()
    (deployments.hosts[4].opt / f"unprepared-{deployments.number}").touch()
    ended = deployments.deploy()
    expect(ended.status != 0, "the deployment fails")
    deployments.expect_live(1, "no host is switched, since one cannot prepare")
    expect(SWITCH_TASK not in ended.output, "no switch was tried")
    expect("not ready: host5" in ended.output, f"the report names the host: {ended}")


def an_absent_host_catches_up(deployments: Deployments) -> None:
    """An unreachable host stops the deployment, or is left out and gets the release later."""
    deployments.make_next()
    deployments.hosts[2].unplug()
    ended = deployments.deploy()
    expect(
        ended.status != 0 and "host3 cannot be reached" in ended.output,
        f"the report names the absent host: {ended}",
    )
    deployments.expect_live(1, "no host is switched")
    ended = deployments.deploy("-e", "releases_leave_unreachable=true")
    expect(
        "host3: cannot be reached" in ended.output,
        f"the report names the absent host again: {ended}",
    )
    now = deployments.number
    deployments.expect_live([now, now, 1, now, now], "the others have the new release")
    deployments.hosts[2].plug()
    ended = deployments.deploy("--limit", "host3")
    expect(ended.status == 0, f"the absent host catches up: {ended}")
    deployments.expect_live(now, "all hosts have the release")


def all_roll_back_when_one_is_lost(deployments: Deployments) -> None:
    """A host is lost between its preparation and its switch, and the others roll back."""
    before, now = deployments.number, deployments.number + 1
    deployments.make_next()
    (deployments.hosts[0].opt / "cuts-off").write_text("ip -n host5 link set eth0 down\n")
    ended = deployments.deploy()
    (deployments.hosts[0].opt / "cuts-off").unlink()
    expect(ended.status != 0, "the deployment fails")
    deployments.expect_live(before, "all hosts have the old release, since one was lost")
    expect(
        f"host5: cannot be reached, and may have {now} live" in ended.output,
        f"the report names the host: {ended}",
    )
    must_run("ip", "-n", "host5", "link", "set", "eth0", "up")


def a_release_that_was_not_the_reason_is_marked_good(deployments: Deployments) -> None:
    """A host was the reason of a failure; the release is marked good and deployed again."""
    deployments.make_next()
    broken = deployments.hosts[1].opt / f"broken-{deployments.number}"
    broken.touch()
    expect(deployments.deploy().status != 0, "the deployment fails")
    broken.unlink()
    again = deployments.deploy()
    expect(again.status != 0, "a release that is marked bad is not deployed")
    expect(" is bad: " in again.output, f"the report says why: {again}")
    mark = f"/opt/bin/releases mark {deployments.number} good"
    marked = deployments.fleet.ansible("ansible", "releases", "-m", "command", "-a", mark)
    expect(marked.status == 0, f"it is marked good on all hosts: {marked}")
    ended = deployments.deploy()
    expect(ended.status == 0, f"the deployment succeeds: {ended}")
    deployments.expect_live(deployments.number, "all hosts have the release")


def compare(deployments: Deployments, runs: int) -> None:
    """Compare both ways, in turns, and what is live afterwards when the last host fails."""
    taken: dict[str, list[float]] = {"releases": [], "deploy_helper": []}
    for _ in range(runs):
        deployments.make_next()
        for name, deploy in (
            ("releases", deployments.deploy),
            ("deploy_helper", deployments.deploy_with_helper),
        ):
            begun = time.monotonic()
            ended = deploy()
            taken[name].append(time.monotonic() - begun)
            expect(ended.status == 0, f"{name}: {ended}")
    for name, seconds in taken.items():
        print(
            f"{name}: {COUNT} hosts, median {statistics.median(seconds):.1f} s "
            f"({min(seconds):.1f} to {max(seconds):.1f} s of {runs})"
        )
    for kind in ("unprepared", "broken"):
        deployments.make_next()
        (deployments.hosts[4].opt / f"{kind}-{deployments.number}").touch()
        expect(
            deployments.deploy().status != 0 and deployments.deploy_with_helper().status != 0,
            "both ways fail",
        )
        mine, theirs = deployments.live(), deployments.live("peer")
        print(
            f"{kind} on one host of {COUNT}: releases leaves {' '.join(mine)}; "
            f"deploy_helper leaves {' '.join(theirs)} live"
        )
        expect(
            len(set(mine)) == 1 and str(deployments.number) not in mine,
            f"all hosts have the old release: {mine}",
        )


STEPS = (
    all_get_the_new_release,
    all_roll_back_with_one,
    none_switches_unless_all_can,
    an_absent_host_catches_up,
    all_roll_back_when_one_is_lost,
    a_release_that_was_not_the_reason_is_marked_good,
)


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each way in the comparison")
    parser.add_argument("--first", action="store_true", help="stop after the first installation")
    parser.add_argument("--show", action="store_true", help="print the output of deployments")
    options = parser.parse_args()
    if not is_inside():
        return run_inside("--net")
    with empty_directory(options.work) as work:
        fleet = Fleet(work, COUNT, COLLECTION)
        deployments = Deployments(fleet, work, options.show)
        deployments.fleet.wait()
        expect_first_install(fleet, fleet.hosts[-1], options.binary)
        print("fleet: a new host gets its first release: as promised", flush=True)
        if options.first:
            return 0
        set_up(deployments, options.binary)
        for step in STEPS:
            step(deployments)
            print(f"fleet: {step.__name__.replace('_', ' ')}: as promised", flush=True)
        compare(deployments, options.runs)
    return 0


if __name__ == "__main__":
    run_suite(main)
