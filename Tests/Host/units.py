"""Units for the service that people write themselves, beside the shipped one."""

from host import Host

UVICORN = (
    "/opt/diting/current/.venv/bin/uvicorn src.diting.endpoints.wechat.webhook_app:app "
    "--host 127.0.0.1 --port 17999")

# As short as most are: the start limits are systemd's own, five in ten seconds.
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
# A limit that a single restart after a failure uses up.
STRICT = USER_MADE.replace(
    "Description=Diting\n", "Description=Diting\nStartLimitIntervalSec=1h\nStartLimitBurst=2\n")


def replace_unit(host: Host, text: str, name: str = "diting.service") -> None:
    """A unit of the host's own instead of the shipped example."""
    host.write(f"/etc/systemd/system/{name}", text)
    host.must("systemctl", "daemon-reload")
