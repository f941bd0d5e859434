"""The jobs that others do over SSH: a deployment by shell, a rollback by Capistrano."""

import getpass
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Callers"))

# pylint: disable=wrong-import-position
from contest import QUIET, Bench, Contest, shell
from sshd import SSHServer
from trees import describe, pack

CAPFILE = """\
require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/plugin"
class Nothing < Capistrano::SCM::Plugin
end
install_plugin Nothing
"""
RECIPE = """\
set :application, "app"
set :deploy_to, "{place}"
server "127.0.0.1", user: "{user}", roles: %w[app], ssh_options: {{
  port: {port}, keys: ["{ssh}/user"], keys_only: true, config: false,
  user_known_hosts_file: "{ssh}/known_hosts", verify_host_key: :always }}
"""
# Capistrano's names of releases.
NAMES = ["20250101000000", "20250102000000"]


class Remote:
    """A real sshd on loopback, that leads to the bench's own disk."""

    def __init__(self, bench: Bench):
        self.bench = bench
        self.ssh = Path(bench.work) / "ssh"
        shutil.rmtree(self.ssh, ignore_errors=True)
        self.server = SSHServer(self.ssh)

    def __enter__(self) -> "Remote":
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.__exit__(kind, error, trace)
        shutil.rmtree(self.ssh)

    def ask(self, line: str, archive: str | None = None) -> None:
        with open(archive or os.devnull, "rb") as data:
            subprocess.run(self.server.client(line), stdin=data, check=True, **QUIET)

    def deploying(self, tree: str) -> Contest:
        archive, place = pack(tree, "tar.gz"), self.bench.path("ssh-by-hand")
        self.bench.store("ssh", archive, [])
        os.makedirs(place + "/releases")
        number = iter(range(1, 10_000))

        def ours() -> None:
            line = self.bench.words("ssh", "deploy", "-", "--id", str(next(number)))
            self.ask(shlex.join(line), archive)

        def by_hand() -> None:
            new = next(number)
            self.ask(
                f"cd {place} && mkdir releases/{new} && tar -xz -C releases/{new} && "
                f"ln -sfn releases/{new} current", archive)

        return Contest(f"deploy over SSH, {describe(tree)}", {
            "releases deploy": ours, "mkdir, tar, ln": by_hand,
        }, self.bench.settle, {"mkdir, tar, ln": 1.0})

    def rolling_back(self, tree: str, over_ssh: bool = False) -> Contest:
        """Capistrano's machine is this one, so the host's part is the same as the whole."""
        archive = pack(tree, "tar.gz")
        place, project = self.bench.path("capistrano"), Path(self.bench.work) / "capistrano"
        shutil.rmtree(project, ignore_errors=True)
        (project / "config/deploy").mkdir(parents=True)
        (project / "Capfile").write_text(CAPFILE)
        (project / "config/deploy.rb").write_text('lock "~> 3.17"\n')
        (project / "config/deploy/production.rb").write_text(RECIPE.format(
            place=place, user=getpass.getuser(), port=self.server.port, ssh=self.ssh))
        self.bench.store("back", archive, ["1", "2"])
        self.bench.run("back", "activate", "1")

        def ready() -> None:
            self.bench.run("back", "mark", "2", "good", "--reason", "again")
            self.bench.run("back", "activate", "2")
            for name in NAMES:
                release = f"{place}/releases/{name}"
                shutil.rmtree(release, ignore_errors=True)
                os.makedirs(release)
                subprocess.run(["tar", "-xf", archive, "-C", release], check=True)
            subprocess.run(["ln", "-sfn", f"releases/{NAMES[-1]}", f"{place}/current"], check=True)
            self.bench.settle()

        line = shlex.join(self.bench.words("back", "rollback"))
        ours = (lambda: self.ask(line)) if over_ssh else shell(line, "/")
        return Contest(f"rollback{' over SSH' if over_ssh else ''}", {
            "releases rollback": ours,
            "cap deploy:rollback": shell("cap production deploy:rollback", str(project)),
        }, ready, {"cap deploy:rollback": 0.25 if over_ssh else 0.02})
