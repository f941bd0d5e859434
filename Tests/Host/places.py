"""Stores on mounts and in directories that a host's administrator has set up in a special way."""

from report import Row
from scenario import scenario
from store import PLACE, Store
from workshop import Workshop

REFUSED = 3
MOUNTS = {
    "tmpfs": "mount -t tmpfs -o mode=755,uid=deploy,gid=deploy releases",
    "bind": "install -d -o deploy -g deploy /opt/elsewhere; mount --bind /opt/elsewhere",
}


def split(shop: Workshop, row: Row, mount: str) -> None:
    with shop.store() as store:
        store.deploy(shop.application.archive("good"))
        store.host.shell(f"{mount} {PLACE}/releases")
        check = store.releases("check")
        row.expect(check.status == REFUSED, f"check is 3, was {check.status}: {check.text}")
        store.configure(prepare="true")
        run = store.deploy(shop.application.archive("next"))
        row.expect(run.status == REFUSED, f"deploy is refused, was {run.status}: {run.text}")
        stages = store.entries(".releases/staging")
        row.expect(not stages, f"no stage is left, were {stages}")
        row.saw(next((line for line in check.text.splitlines() if "problem" in line), check.text))


for name, command in MOUNTS.items():
    scenario(f"split-{name}", f"releases/ is a mount of its own: {name}")(
        lambda shop, row, command=command: split(shop, row, command))


@scenario("shared-mount", "shared/ is a mount of its own")
def shared_mount(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        store.host.shell(f"""
            cp -a {PLACE}/shared /srv/shared
            mount --bind /srv/shared {PLACE}/shared""")
        check = store.releases("check")
        row.expect(check.status == 0, f"check is 0, was {check.status}: {check.text}")
        expect_works(shop, row, store)


@scenario("inherit", "releases/ has a group, setgid and default ACLs for a web server")
def inherit(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        place = f"{PLACE}/releases"
        store.host.shell(f"""
            chgrp www-data {place}; chmod 2750 {place}
            setfacl --default --modify g:www-data:rX,g:adm:rX {place}""")
        expect_works(shop, row, store)
        made = f"{place}/{store.link('current').removeprefix('releases/')}"
        store.host.must("install", "-d", "-o", "deploy", f"{place}/by-hand")
        facts = store.host.must("stat", "-c", "%G %a", made).strip()
        row.expect(facts.startswith("www-data 2"), f"group and setgid are inherited: {facts}")
        listed = store.host.must("getfacl", "--omit-header", "--absolute-names", made)
        by_hand = store.host.must(
            "getfacl", "--omit-header", "--absolute-names", f"{place}/by-hand")
        wanted = [line for line in by_hand.splitlines() if line.startswith("default:group:")]
        row.expect(
            all(line in listed for line in wanted), f"default ACLs: {listed} against {by_hand}")
        readable = store.host.as_user("www-data", "cat", f"{made}/VERSION")
        row.expect(readable.status == 0, f"the web server reads it: {readable.text}")
        row.saw(f"{facts}; {len(wanted)} default entries")


def expect_works(shop: Workshop, row: Row, store: Store) -> None:
    for version in ("one", "two"):
        run = store.deploy(shop.application.archive(version))
        row.expect(run.status == 0, f"{version} is deployed, was {run.status}: {run.text}")
        row.expect(store.version() == version, f"{version} serves, was {store.version()}")
    verify = store.releases("verify", "--all")
    row.expect(verify.status == 0, f"verify --all is 0, was {verify.status}: {verify.text}")
