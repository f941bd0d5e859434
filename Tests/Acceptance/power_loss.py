"""Scenario 4: everything dies at once while a switch waits for its health check."""

import subprocess

from application import APP, MODULE, Application
from host import Host
from oracle import expect_live_serves, expect_settled
from processes import beneath, kill, wait_until
from report import Report

NEVER_HEALTHY = APP.replace('"healthy"', '"starting"')


def power_loss(host: Host, application: Application, report: Report) -> None:
    old = host.version()
    archive = application.archive("unconfirmed", {MODULE: NEVER_HEALTHY})
    host.configure(timeout="60s")
    deploy = subprocess.Popen(
        host.command("deploy", archive), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)
    waits = wait_until(lambda: host.version() == "unconfirmed", 30)
    report.expect(waits, "power loss: the new version was live when it came")
    kill(beneath(host.work))
    deploy.wait()
    gone = wait_until(lambda: not beneath(host.work), 5)
    report.expect(gone, "power loss: nothing survived it")
    settled = expect_settled(host, report, "power loss", "--boot")
    report.expect(host.version() == "-", "power loss: recover --boot runs no hook")
    host.service("start")
    live = expect_live_serves(host, report, "power loss")
    report.expect(live == old, f"power loss: {old} serves, was {live}")
    history = host.releases("history", "--limit", "2")
    report.expect(
        "was not confirmed" in history.output, f"power loss: history says why: {history.output}")
    host.configure()
    report.section(
        "Power is lost while a switch is unconfirmed",
        "SIGKILL of the deploy, its hooks and the service while the health check waits; then "
        "`releases recover --boot`, and the service is started.")
    report.table(
        ["`recover --boot` said", "seconds", "then serves", "`history`"],
        [[settled.said, settled.seconds, "the old one" if live == old else live, history.output]])

