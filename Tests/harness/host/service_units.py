"""Units for the service that people write themselves, besides the shipped one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.host.booted_host import Host

UVICORN = (
    "/opt/diting/current/.venv/bin/uvicorn src.diting.endpoints.wechat.webhook_app:app "
    "--host 127.0.0.1 --port 17999"
)

# A short unit, as most are: its start limit is systemd's own, five starts in ten seconds.
USER_MADE = f"""\
[Unit]
Description=Diting

[Service]
User=deploy
WorkingDirectory=/opt/diting/current
ExecStart={UVICORN}
Restart=always

[Install]
WantedBy=multi-user.target
"""
# A start limit that one restart after a failure uses up.
STRICT = USER_MADE.replace(
    "Description=Diting\n", "Description=Diting\nStartLimitIntervalSec=1h\nStartLimitBurst=2\n"
)


def replace_unit(host: Host, text: str, name: str = "diting.service") -> None:
    """Write a unit in place of the shipped example."""
    host.write(f"/etc/systemd/system/{name}", text)
    host.must("systemctl", "daemon-reload")
