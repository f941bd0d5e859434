"""The rows of the table "by hand" in README.md."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

from harness.archives import release_files
from harness.assertions import expect
from harness.guide.hand_bench import DIES, WORKS, Bench, row
from harness.host.crashing_disk import CrashingDisk
from harness.mounts import mounted
from harness.processes import wait_until
from harness.store import Store

# A script's two steps of a deployment.
SWITCH = 'ln -sfn "$(readlink current)" previous && ln -sfn releases/3 current'
KILL_AT_SECOND_RENAME = (
    "strace",
    "--follow-forks",
    "--output=/dev/null",
    "--trace=renameat",
    "--inject=renameat:signal=KILL:when=2",
)
TRUNCATED_MEMBERS = 2


def make_releases(bench: Bench, *names: str) -> None:
    """Make archives of small releases, and unpack and deploy them in both ways."""
    for name in names:
        bench.archive(name, release_files(name))
    bench.unpack(*names)
    bench.type(f"ln -sfn releases/{names[-1]} current")
    bench.deploy(*names)


@row("The new version does not start")
def dead_release(bench: Bench) -> None:
    """Deploy a release whose service ends at once."""
    bench.archive("1", {"bin/run": WORKS})
    bench.archive("2", {"bin/run": DIES})
    bench.unpack("1", "2")
    bench.add_service()
    bench.type("ln -sfn releases/1 current && ./restart")
    expect(wait_until((bench.hand / "ready").exists, 5), "version 1 serves")
    run = bench.type("ln -sfn releases/2 current && ./restart")
    time.sleep(0.3)
    expect(run.status == 0, f"by hand, the switch is a success: {run}")
    expect(not (bench.hand / "ready").exists(), "by hand, nothing serves")
    bench.deploy("1")
    run = bench.tool("deploy", str(bench.work / "2.tar"), "--id", "2")
    expect(run.status == 10, f"the tool says that it rolled back: {run}")
    expect(bench.tool_link("current") == "releases/1", "version 1 is live again")
    expect((bench.store.path / "ready").exists(), "version 1 serves again")
    states = [found["state"] for found in bench.tool("list", "--json").json["releases"]]
    expect("bad" in states, f"version 2 is marked bad: {states}")


@row("The connection breaks during an upload")
def cut_upload(bench: Bench) -> None:
    """Unpack a stream that ends between two files."""
    whole = bench.archive("2", {f"file{number}": "x\n" for number in range(9)}).read_bytes()
    # Each small file is a header and one block; the first member is the directory.
    (bench.work / "cut.tar").write_bytes(whole[: 512 + 2 * 512 * TRUNCATED_MEMBERS])
    run = bench.type("mkdir releases/2 && tar -x -C releases/2 <../cut.tar")
    found = os.listdir(bench.hand / "releases/2")
    expect(run.status == 0, f"by hand, tar reports success: {run}")
    expect(len(found) == TRUNCATED_MEMBERS, f"by hand, files are missing: {found}")
    bench.store.must("init")
    run = bench.tool("deploy", str(bench.work / "cut.tar"))
    expect(run.status == 6, f"the tool rejects it: {run}")
    for name in ("releases", ".releases/staging"):
        left = os.listdir(bench.store.path / name)
        expect(left == [], f"the tool leaves nothing in {name}: {left}")


@row("The name of a release is mistyped")
def mistyped(bench: Bench) -> None:
    """Switch to a release that does not exist."""
    make_releases(bench, "1")
    run = bench.type("ln -sfn releases/21 current")
    expect(run.status == 0, f"by hand, it is a success: {run}")
    expect(not (bench.hand / "current").exists(), "by hand, current points to nothing")
    run = bench.tool("activate", "21")
    expect(run.status == 4, f"the tool says that there is none: {run}")
    expect(bench.tool_link("current") == "releases/1", "the tool changed nothing")


@row("`current` is a directory")
def directory(bench: Bench) -> None:
    """Switch although `current` is a directory."""
    make_releases(bench, "1", "2")
    for place in (bench.hand, bench.store.path):
        (place / "current").unlink()
        shutil.copytree(place / "releases/1", place / "current")
    run = bench.type("ln -sfn releases/2 current")
    expect(run.status == 0, f"by hand, it is a success: {run}")
    expect((bench.hand / "current/VERSION").read_text() == "1", "by hand, version 1 stays")
    expect((bench.hand / "current/2").is_symlink(), "by hand, the link is in the old version")
    run = bench.tool("activate", "2")
    expect(run.status == 3, f"the tool refuses: {run}")
    expect("mv -T current" in run.errors, f"the tool says what to do: {run}")


@row("You need the previous version back immediately")
def emergency(bench: Bench) -> None:
    """Point `current` to `previous`, and deploy the next version."""
    make_releases(bench, "1", "2")
    bench.archive("3", release_files("3"))
    bench.unpack("3")
    bench.type("ln -sfn releases/1 previous")
    bench.type("ln -sfn previous current")
    run = bench.type(SWITCH)
    expect(run.status == 0, f"by hand, the next deployment is a success: {run}")
    expect(bench.link("previous") == "previous", "by hand, previous points to itself")
    run = bench.tool("rollback")
    expect(run.status == 0, f"the tool rolls back: {run}")
    bench.deploy("3")
    links = (bench.tool_link("current"), bench.tool_link("previous"))
    expect(links == ("releases/3", "releases/1"), f"the tool keeps both links: {links}")


@row("A deployment is killed after it has changed the first of its two links")
def killed(bench: Bench) -> None:
    """Kill a switch after the first of its links."""
    make_releases(bench, "1", "2")
    bench.archive("3", release_files("3"))
    bench.unpack("3")
    bench.type("ln -sfn releases/1 previous")
    bench.type(SWITCH.replace("&&", "&& kill -9 $$ &&"))
    links = (bench.link("current"), bench.link("previous"))
    expect(links == ("releases/2", "releases/2"), f"by hand, release 1 is forgotten: {links}")
    archive = str(bench.work / "3.tar")
    bench.store.must("unpack", archive, "--id", "3")
    bench.tool("activate", "3", launcher=KILL_AT_SECOND_RENAME)
    links = (bench.tool_link("current"), bench.tool_link("previous"))
    expect(links == ("releases/2", "releases/2"), f"the tool was killed in between: {links}")
    run = bench.tool("recover")
    expect(run.status == 0, f"the tool recovers: {run}")
    links = (bench.tool_link("current"), bench.tool_link("previous"))
    legal = [("releases/2", "releases/1"), ("releases/3", "releases/2")]
    expect(links in legal, f"the tool leaves one legal state: {links}")


@row("Old versions are removed after a rollback")
def cleaned(bench: Bench) -> None:
    """Keep the newest three, while the oldest is live."""
    names = ("1", "2", "3", "4", "5")
    make_releases(bench, *names)
    for number, name in enumerate(names):
        os.utime(bench.hand / "releases" / name, (number, number))
    bench.type("ln -sfn releases/1 current")
    run = bench.type("cd releases && ls -t | tail -n +4 | xargs rm -rf")
    expect(run.status == 0, f"by hand, it is a success: {run}")
    expect(not (bench.hand / "current").exists(), "by hand, the live version is removed")
    bench.store.must("activate", "1")
    run = bench.tool("prune", "--keep", "3", "--keep-within", "0d")
    expect(run.status == 0, f"the tool prunes: {run}")
    left = sorted(os.listdir(bench.store.path / "releases"))
    expect(left == ["1", "3", "4", "5"], f"the tool keeps the live one: {left}")


@row("Two people deploy in the same second")
def simultaneous(bench: Bench) -> None:
    """Deploy two versions at once, into a directory that is named by the second."""
    for name in ("a", "b"):
        bench.archive(name, {f"only-in-{name}": name})
    # Both people see the same time.
    begin = 'date() { /bin/date -d @7 "$@"; }; '
    for name in ("a", "b"):
        run = bench.type(
            f"{begin}id=$(date +%s); mkdir -p releases/$id && tar -xf ../{name}.tar -C releases/$id"
        )
        expect(run.status == 0, f"by hand, it is a success: {run}")
    mixed = sorted(os.listdir(bench.hand / "releases/7"))
    expect(mixed == ["only-in-a", "only-in-b"], f"by hand, two versions are mixed: {mixed}")
    bench.store.must("init")
    running = [
        bench.store.start("deploy", str(bench.work / f"{name}.tar"), "--wait", "30s")
        for name in ("a", "b")
    ]
    for process in running:
        errors = process.communicate()[1]
        expect(process.returncode == 0, f"the tool deploys both: {errors}")
    trees = bench.store.path / "releases"
    found = sorted(os.listdir(trees / name) for name in os.listdir(trees))
    expect(found == [["only-in-a"], ["only-in-b"]], f"the tool keeps them apart: {found}")


@row("An archive contains a link to `/etc/shadow`")
def escaping_link(bench: Bench) -> None:
    """Unpack a link to a file of the host."""
    tree = bench.work / "tree"
    tree.mkdir()
    (tree / "config").symlink_to("/etc/shadow")
    subprocess.run(["tar", "-cf", bench.work / "2.tar", "-C", tree, "."], check=True)
    run = bench.type("mkdir releases/2 && tar -xf ../2.tar -C releases/2")
    expect(run.status == 0, f"by hand, it is a success: {run}")
    expect(bench.link("releases/2/config") == "/etc/shadow", "by hand, the link is there")
    bench.store.must("init")
    run = bench.tool("unpack", str(bench.work / "2.tar"))
    expect(run.status == 6, f"the tool rejects it: {run}")
    expect("/etc/shadow" in run.errors, f"the tool names the target: {run}")


@row("A file of the old version was deleted")
def missing_file(bench: Bench) -> None:
    """Roll back to a release that is not whole."""
    make_releases(bench, "1", "2")
    for place in (bench.hand, bench.store.path):
        (place / "releases/1/bin/run").unlink()
    run = bench.type("ln -sfn releases/1 current")
    expect(run.status == 0, f"by hand, it is a success: {run}")
    run = bench.tool("activate", "1")
    expect(run.status == 3, f"the tool refuses: {run}")
    expect("bin/run" in run.errors, f"the tool names the file: {run}")
    expect(bench.tool_link("current") == "releases/2", "the tool changed nothing")


@row("The version before the live one was also bad")
def second_rollback(bench: Bench) -> None:
    """Roll back when the last version but one had been rolled back itself."""
    make_releases(bench, "1", "2")
    bench.store.must("rollback")
    bench.archive("3", release_files("3"))
    bench.unpack("3")
    for number in (1, 2, 3):
        os.utime(bench.hand / f"releases/{number}", (number, number))
    target = bench.type("ls -t releases | sed -n 2p").output.strip()
    expect(target == "2", f"by hand, the bad version is chosen: {target}")
    bench.deploy("3")
    run = bench.tool("rollback")
    expect(run.status == 0, f"the tool rolls back: {run}")
    expect(bench.tool_link("current") == "releases/1", "the tool chooses what last worked")


@row("The disk fills up")
def full_disk(bench: Bench) -> None:
    """Unpack more than fits on the disk."""
    bench.archive("2", {f"file{number}": "x" * 1_000_000 for number in range(9)})
    with mounted("tmpfs", "small", bench.work / "small", "size=6m") as disk:
        bench.hand = disk / "hand"
        (bench.hand / "releases").mkdir(parents=True)
        run = bench.type("mkdir releases/2 && tar -xf ../../2.tar -C releases/2")
        expect(run.status == 2, f"by hand, tar fails: {run}")
        left = len(os.listdir(bench.hand / "releases/2"))
        free = os.statvfs(disk).f_bavail
        expect(left > 0 and free == 0, f"by hand, {left} files stay, {free} blocks are free")
        shutil.rmtree(bench.hand)
        bench.store = Store(bench.binary, disk / "store")
        bench.store.must("init")
        free = os.statvfs(disk).f_bavail
        run = bench.tool("deploy", str(bench.work / "2.tar"))
        expect(run.status == 8, f"the tool says that the disk is full: {run}")
        expect(os.listdir(bench.store.path / "releases") == [], "the tool leaves no release")
        lost = free - os.statvfs(disk).f_bavail
        expect(lost <= 16, f"the tool leaves the space free, but for {lost} blocks")


def lose_power(disk: CrashingDisk) -> None:
    """Cut the power right after another program has flushed a file of its own.

    That flush also writes the names and links that the file system has in memory, but not the
    content of files that were not flushed themselves.
    """
    with (disk.mountpoint / "log").open("w") as file:
        os.fsync(file.fileno())
    disk.lose_power()


@row("The power fails right after a deployment", needs_root=True)
def power_cut(bench: Bench) -> None:
    """Deploy to ext4, and lose what was never flushed."""
    disk = CrashingDisk(bench.work / "image", bench.work / "disk")
    disk.make()
    disk.mount()
    try:
        bench.hand = disk.mountpoint / "hand"
        (bench.hand / "releases").mkdir(parents=True)
        bench.store = Store(bench.binary, disk.mountpoint / "store")
        bench.archive("1", release_files("1"))
        bench.archive("2", release_files("2"))
        bench.type("mkdir releases/1 && tar -xf ../../1.tar -C releases/1")
        bench.type("ln -sfn releases/1 current && sync")
        run = bench.type(
            "mkdir releases/2 && tar -xf ../../2.tar -C releases/2 && ln -sfn releases/2 current"
        )
        expect(run.status == 0, f"by hand, it is a success: {run}")
        lose_power(disk)
        version = bench.hand / "current/VERSION"
        expect(bench.link("current") == "releases/2", "by hand, the link is on the disk")
        expect(version.read_text() == "", f"by hand, the files are empty: {version.read_text()}")
        bench.deploy("1", "2")
        lose_power(disk)
        expect(bench.tool_link("current") == "releases/2", "the tool's link is on the disk")
        run = bench.tool("verify", "2")
        expect(run.status == 0, f"the tool's release is whole: {run}")
    finally:
        disk.unmount()


@row("You need to know who switched, and when")
def questions(bench: Bench) -> None:
    """Look for who made a version live."""
    make_releases(bench, "1", "2")
    shown = bench.type("ls -l").output
    expect("current -> releases/2" in shown, f"by hand, the link is shown: {shown}")
    expect("releases/1" not in shown, f"by hand, its former target is not: {shown}")
    entries = bench.tool("history", "--json").json["entries"]
    switches = [found for found in entries if found["operation"] == "activate"]
    releases = [found["after"]["current"] for found in switches]
    expect(releases == ["releases/2", "releases/1"], f"the tool has both switches: {releases}")
    expect(all(found["user"] and found["started"] for found in switches), f"by whom: {switches}")
