"""CI deploys over SSH with a key that can do nothing else."""

import hashlib
import subprocess

from application import DIES, HANGS, MODULE
from ended import wait_until
from report import Row
from scenario import scenario
from ssh_key import Key
from workshop import Workshop

REFUSED = 3
FORBIDDEN = ("sh", "id; releases status", "releases prune", "releases deploy /etc/passwd",
             "releases --store /srv/other status")


@scenario("ssh", "CI deploys over SSH with a forced command", in_slice=True)
def deploys(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        key = Key(store.host, shop.place / "key")
        for version, app, status in (("good1", None, 0), ("good2", None, 0), ("bad", DIES, 10)):
            archive = shop.application.archive(version, {MODULE: app} if app else None)
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            with archive.open("rb") as stream:
                run = store.host.run(key.client(
                    f"releases deploy - --ref {version} --sha256 {digest} --json"), stream)
            row.expect(run.status == status, f"{version}: {status}, was {run.status}: {run.text}")
            expected = "good2" if version == "bad" else version
            row.expect(store.version() == expected, f"{expected} serves, was {store.version()}")
            row.saw(f"{version}: status {run.status} after {run.seconds:.1f} s")
        history = store.releases("history").output
        row.expect("github" in history, f"history names the key: {history}")
        for command in FORBIDDEN:
            run = store.host.run(key.client(command))
            row.expect(run.status == REFUSED, f"'{command}' is refused, was {run.status}")


@scenario("abort", "`abort` over SSH while a deploy waits for its health check")
def abort(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        key = Key(store.host, shop.place / "key")
        store.deploy(shop.application.archive("good"))
        store.configure(timeout="60s")
        archive = shop.application.archive("hangs", {MODULE: HANGS})
        with archive.open("rb") as stream:
            client = subprocess.Popen(
                key.client("releases deploy -"), stdin=stream, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True)
        waits = wait_until(lambda: store.live_version() == "hangs", 20)
        row.expect(waits, "the new version is live and unconfirmed")
        run = store.host.run(key.client("releases abort --reason wrong"))
        row.expect(run.status == 0, f"abort is 0, was {run.status}: {run.text}")
        said = client.communicate(timeout=60)[0]
        row.expect(client.returncode == 10, f"the deploy ends with 10, was {client.returncode}")
        row.expect(store.version() == "good", f"good serves, was {store.version()}")
        row.saw(f"abort: {run.text}; deploy: {said.strip()[-200:]}")


@scenario("cut-client", "the client is killed while a deploy waits for its health check")
def cut_client(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        key = Key(store.host, shop.place / "key")
        store.deploy(shop.application.archive("good"))
        for version, app, serves in (("hangs", HANGS, "good"), ("next", None, "next")):
            archive = shop.application.archive(version, {MODULE: app} if app else None)
            with archive.open("rb") as stream:
                client = subprocess.Popen(
                    key.client("releases deploy -"), stdin=stream, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
            begun = wait_until(lambda version=version: store.live_version() == version, 20, 0.01)
            row.expect(begun, f"{version} is live and unconfirmed")
            client.kill()
            client.wait()

            def quiet() -> bool:
                return store.host.inside("pgrep", "-f", "^releases deploy").status != 0

            row.expect(wait_until(quiet, 30), "the deploy ends by itself")
            row.expect(store.serves(serves, 5), f"{serves} serves, was {store.version()}")
            status = store.releases("status")
            row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
            row.saw(f"{version}: {store.version()} serves; {store.last()['outcome']}")
