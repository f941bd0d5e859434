"""Instances with several processes of uvicorn, which run as a user of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.instances.applications import APP, BAD
from harness.host.instances.instance_store import expect_live_only, instance_store, observed
from harness.host.scenario import scenario
from harness.host.scenarios.instance_deploys import expect_no_failure

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row


@scenario("instance-processes-user", "instances of three processes and another user", for_old=False)
def workers(hosts: HostFactory, row: Row) -> None:
    """Deploy good and bad versions under load."""
    with instance_store(hosts, "nginx") as store:
        store.host.must("useradd", "--system", "--groups", "deploy", "diting")
        store.host.shell("""
            sed -i 's/^User=deploy/User=diting/; s/^Group=deploy/Group=diting/
              s/ --timeout-keep-alive/ --workers 3&/' /etc/systemd/system/diting@.service
            chmod o+x /home/deploy
            systemctl daemon-reload""")
        store.configure_instances(timeout="15s", drain="10s")
        first = store.deploy(hosts.application.archive("v0", {MODULE: APP}))
        row.expect(first.status == 0, f"v0: {first} {store.host.journal('diting@*')[-1500:]}")
        with observed(store.host, hosts.rate) as seen:
            for number in range(1, hosts.deploys + 1):
                run = store.deploy(hosts.application.archive(f"v{number}", {MODULE: APP}))
                row.expect(run.status == 0, f"v{number}: {run}")
            live = store.live()
            before = store.process(live)
            for kind in ("import error", "unhealthy"):
                run = store.deploy(hosts.application.archive(kind, {MODULE: BAD[kind]}))
                row.expect(run.status == 10, f"{kind}: 10, was {run}")
                row.saw(f"{kind}: {run.seconds:.1f} s")
        expect_no_failure(row, seen)
        expect_live_only(row, store, "afterwards")
        row.expect(store.process(live) == before, "the live one was not touched")
        unit = f"diting@{live}.service"
        row.saw(f"tasks {store.host.property(unit, 'TasksCurrent')}")
