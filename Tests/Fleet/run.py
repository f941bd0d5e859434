"""The collection, on five hosts: all of them on the new release, or all on the old one.

    run.py BINARY --work DIRECTORY [--runs N]

Beside it, the same job with Ansible's own deploy_helper: how long, and what a failure leaves.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Callers"))

# pylint: disable=wrong-import-position
from hosts import Fleet, Host, isolated
from promise import expect, fresh

HERE = Path(__file__).resolve().parent
COLLECTION = HERE.parents[1] / "Integrations/ansible"
COUNT = 5
# The release of this number is one that this host can't prepare, or that does not work on it.
HOOKS = {
    "prepare": "test ! -e /opt/unprepared-$(cat VERSION)",
    "restart": "if test -e /opt/cuts-off; then sh /opt/cuts-off; fi",
    "healthy": "test ! -e /opt/broken-$(cat VERSION)",
}


def archive(work: Path, number: int) -> Path:
    """Of a service with the libraries it needs: 880 files, 34 MB."""
    tree, path = work / "tree", work / f"app-{number}.tar.gz"
    dice = random.Random(number)
    for index in range(880):
        file = tree / f"library{index % 40}/module{index}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dice.randbytes(34_000_000 // 880 // 2).hex())
    (tree / "VERSION").write_text(f"{number}\n")
    subprocess.run(["tar", "-czf", path, "-C", tree, "."], check=True)
    shutil.rmtree(tree)
    return path


class Trial:
    def __init__(self, fleet: Fleet, work: Path):
        self.fleet, self.work, self.number = fleet, work, 0
        self.archive = work

    @property
    def hosts(self) -> list[Host]:
        return self.fleet.hosts

    def next(self) -> None:
        self.number += 1
        self.archive = archive(self.work, self.number)

    def deploy(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self.fleet.ansible(
            "ansible-playbook", "diting.releases.deploy", "-e", f"releases_archive={self.archive}",
            "-e", "releases_program=/opt/bin/releases", "-e", f"releases_id={self.number}", *more)

    def peer(self) -> subprocess.CompletedProcess[str]:
        return self.fleet.ansible(
            "ansible-playbook", HERE / "peer.yml", "-e", f"archive={self.archive}", "-e",
            f"release={self.number}")

    def live(self, place: str = "diting") -> list[str]:
        links = [host.opt / place / "current" for host in self.hosts]
        # Not resolved: what is above belongs to another root.
        return [Path(os.readlink(link)).name if link.is_symlink() else "" for link in links]

    def expect_live(self, number: int | list[int], promise: str) -> None:
        numbers = number if isinstance(number, list) else [number] * COUNT
        live = [(host.opt / "diting/current/VERSION").read_text().strip() for host in self.hosts]
        expect(live == [str(each) for each in numbers], f"{promise}: {live}")


def report(output: str) -> str:
    """What the playbook tells at its end."""
    _, _, told = output.partition("TASK [Tell how it ended]")
    return "\n".join(line.strip(' ",') for line in told.splitlines() if line.startswith("        "))


def sets_up(trial: Trial, binary: Path) -> None:
    for host in trial.hosts:
        (host.opt / "bin").mkdir()
        for name, text in HOOKS.items():
            (host.opt / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (host.opt / "bin" / name).chmod(0o755)
    words = ("ansible-playbook", HERE / "set_up.yml", "-e", f"binary={binary}")
    ended = trial.fleet.ansible(*words)
    expect(ended.returncode == 0, f"the hosts are set up: {ended.stdout}{ended.stderr}")
    wrong = trial.fleet.ansible(*words, "-e", '{"releases_config": {"keep": {"cuont": 3}}}')
    expect("unknown key 'cuont' in keep" in wrong.stdout and "failed=1" in wrong.stdout,
           f"a mistake in the configuration is told: {wrong.stdout}")
    ended = trial.fleet.ansible(*words)
    expect(ended.returncode == 0, f"and put right: {ended.stdout}")
    again = trial.fleet.ansible(*words, "--check", "--diff")
    expect(again.returncode == 0 and "changed=0" in again.stdout, f"once is enough: {again.stdout}")


def deploys(trial: Trial) -> None:
    trial.next()
    foreseen = trial.deploy("--check", "--diff")
    expect(foreseen.returncode == 0, f"a check: {foreseen.stdout}{foreseen.stderr}")
    expect("+1 ready" in foreseen.stdout, f"the check tells what would be: {foreseen.stdout}")
    expect(trial.live() == [""] * COUNT, "a check changes nothing")
    ended = trial.deploy()
    expect(ended.returncode == 0, f"it deploys: {ended.stdout}{ended.stderr}")
    trial.expect_live(1, "all have it")
    again = trial.deploy()
    expect(again.returncode == 0, f"again: {again.stdout}")
    expect(again.stdout.count("changed=0") == COUNT, f"nothing is done twice: {again.stdout}")
    left = [str(path) for host in trial.hosts for path in host.opt.glob(".ansible/releases.*")]
    expect(not left, f"no archive is left: {left}")


def goes_back(trial: Trial) -> None:
    trial.next()
    (trial.hosts[3].opt / f"broken-{trial.number}").touch()
    ended = trial.deploy()
    print(report(ended.stdout))
    expect(ended.returncode != 0, "it says that it failed")
    trial.expect_live(1, "one host fails, and all have the old release")
    expect("host4: live 1; failed: " in ended.stdout, f"the host is named: {ended.stdout}")
    expect(ended.stdout.count("was rolled back") >= 3, f"the others are: {ended.stdout}")


def switches_none(trial: Trial) -> None:
    trial.next()
    (trial.hosts[4].opt / f"unprepared-{trial.number}").touch()
    ended = trial.deploy()
    expect(ended.returncode != 0, "it says that it failed")
    trial.expect_live(1, "one host can't prepare, and none is switched")
    expect("Switch, and back" not in ended.stdout, "none was even tried")
    expect("not ready: host5" in ended.stdout, f"the host is named: {ended.stdout}")


def catches_up(trial: Trial) -> None:
    trial.next()
    trial.hosts[2].unplug()
    ended = trial.deploy()
    expect(ended.returncode != 0 and "host3 cannot be reached" in ended.stdout,
           f"an absent host is named: {ended.stdout}")
    trial.expect_live(1, "and nothing is changed")
    ended = trial.deploy("-e", "releases_leave_unreachable=true")
    print(report(ended.stdout))
    expect("host3: cannot be reached" in ended.stdout, f"it is named again: {ended.stdout}")
    now = trial.number
    trial.expect_live([now, now, 1, now, now], "the others have it")
    trial.hosts[2].plug()
    ended = trial.deploy("--limit", "host3")
    expect(ended.returncode == 0, f"it catches up: {ended.stdout}{ended.stderr}")
    trial.expect_live(now, "all have it")


def loses_one(trial: Trial) -> None:
    """A host goes away between its preparation and its switch."""
    before, now = trial.number, trial.number + 1
    trial.next()
    (trial.hosts[0].opt / "cuts-off").write_text("ip -n host5 link set eth0 down\n")
    ended = trial.deploy()
    print(report(ended.stdout))
    (trial.hosts[0].opt / "cuts-off").unlink()
    expect(ended.returncode != 0, "it says that it failed")
    trial.expect_live(before, "a host is lost half-way, and all have the old release")
    expect(f"host5: cannot be reached, and may have {now} live" in ended.stdout, ended.stdout)
    subprocess.run(["ip", "-n", "host5", "link", "set", "eth0", "up"], check=True)


def times(trial: Trial, runs: int) -> None:
    """Both ways, in turns, and what is live afterwards where the last host fails."""
    taken: dict[str, list[float]] = {"releases": [], "deploy_helper": []}
    for _ in range(runs):
        trial.next()
        for name, deploy in (("releases", trial.deploy), ("deploy_helper", trial.peer)):
            begun = time.monotonic()
            ended = deploy()
            taken[name].append(time.monotonic() - begun)
            expect(ended.returncode == 0, f"{name}: {ended.stdout}{ended.stderr}")
    for name, seconds in taken.items():
        print(f"{name}: {COUNT} hosts, median {statistics.median(seconds):.1f} s "
              f"({min(seconds):.1f} to {max(seconds):.1f} s of {runs})")
    for kind in ("unprepared", "broken"):
        trial.next()
        (trial.hosts[4].opt / f"{kind}-{trial.number}").touch()
        expect(trial.deploy().returncode != 0 and trial.peer().returncode != 0, "both fail")
        mine, theirs = trial.live(), trial.live("peer")
        print(f"{kind} on one host of {COUNT}: releases leaves {' '.join(mine)}; "
              f"deploy_helper leaves {' '.join(theirs)} live")
        expect(len(set(mine)) == 1 and str(trial.number) not in mine, f"all on the old: {mine}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    isolated()
    with fresh(options.work) as work:
        trial = Trial(Fleet(work, COUNT, COLLECTION), work)
        trial.fleet.wait()
        sets_up(trial, options.binary.resolve())
        for step in (deploys, goes_back, switches_none, catches_up, loses_one):
            step(trial)
            print(f"{step.__name__.replace('_', ' ')}: as promised", flush=True)
        times(trial, options.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
