"""A release that does not work is deployed: the old version serves, whatever the start limit is."""

from application import DEAF, DIES, FLAPS, HANGS, MODULE
from report import Row
from scenario import scenario
from store import Store
from units import STRICT, USER_MADE, replace_unit
from workshop import Workshop

LIMIT = 5.0
# What bringing the old version back, and all the rest of a deploy, may take besides.
OVERHEAD = 6.0
# And where systemd has to kill it: TimeoutStopSec= of the shipped unit besides.
STOP_SECONDS = 30.0
WAYS = {"dies": ("dies at start", DIES), "hangs": ("hangs", HANGS), "flaps": ("flaps", FLAPS)}
UNITS = {
    "shipped": ("the shipped unit", None),
    "default": ("a user-made unit with systemd's start limits", USER_MADE),
    "strict": ("a unit that may start twice in an hour", STRICT),
}
NO_LIMIT = ("reset-failed", "diting")


def expect_restored(row: Row, store: Store, archive: str, overhead: float) -> None:
    """A deploy that must fail does, with the old version healthy again."""
    run = store.releases("deploy", archive)
    row.expect(run.status == 10, f"status 10, was {run.status}: {run.errors[-500:]}")
    beyond = run.seconds - LIMIT
    row.expect(beyond < overhead, f"{overhead:.0f} s beyond the limit at most, was {beyond:.2f}")
    row.restorations.append(beyond)
    row.expect(store.version() == "good", f"good serves, was {store.version()}")
    row.expect(store.live_version() == "good", f"good is live, was {store.live_version()}")
    status = store.releases("status")
    row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
    row.saw(f"status {run.status} after {run.seconds:.1f} s of {LIMIT:.0f}, "
            f"{store.version()} serves; {run.message or run.text[-300:]}")


def broken(
    shop: Workshop, row: Row, unit_text: str | None, app: str, overhead: float = OVERHEAD,
) -> None:
    with shop.store() as store:
        if unit_text:
            replace_unit(store.host, unit_text)
        store.host.must("systemctl", "enable", "diting")
        first = store.deploy(shop.application.archive("good"))
        row.expect(first.status == 0, f"the first deploy is done, was {first.status}: {first.text}")
        store.host.must("systemctl", *NO_LIMIT)
        archive = store.host.copy_in(
            shop.application.archive("broken", {MODULE: app}), "/srv/in/broken.tar.gz")
        # Twice: what the first one used up must not be missing to the second one.
        for _ in range(2):
            expect_restored(row, store, archive, overhead)


for way, (what, application) in WAYS.items():
    for unit_name, (unit_title, text) in UNITS.items():
        scenario(
            f"{way}-{unit_name}", f"a release that {what}, {unit_title}",
            in_slice=(way, unit_name) in (("dies", "shipped"), ("dies", "default")),
        )(lambda shop, row, text=text, app=application: broken(shop, row, text, app))


@scenario("hangs-deaf", "a release that hangs and ignores SIGTERM, the shipped unit")
def deaf(shop: Workshop, row: Row) -> None:
    broken(shop, row, None, DEAF, OVERHEAD + STOP_SECONDS)
