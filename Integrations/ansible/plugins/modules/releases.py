#!/usr/bin/python
"""Brings a release of a store to a requested state by running `releases`."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: releases
short_description: Manages the releases of a service
description:
  - Runs C(releases) on the host. Every change is a transaction that the store completes or undoes
    when the connection or the host fails during it.
options:
  state:
    description:
      - C(known) changes nothing and returns the state.
      - C(initialized) creates the store, or adopts an existing directory.
      - C(present) unpacks and prepares the release without a switch.
      - C(live) switches to the release, and rolls back on failure.
      - C(rolled_back) rolls back from the release where it is live.
      - C(absent) removes the release.
    choices: [known, initialized, present, live, rolled_back, absent]
    default: known
    type: str
  id:
    description:
      - The release ID. All states except C(known) and C(initialized) need it, C(sha256) or
        C(archive).
      - The default is the first 12 hexadecimal digits of the archive's SHA-256 digest, so that the
        same content is the same release on every host and in every run.
    type: str
  archive:
    description: The archive on the host. C(present) needs it for a release that does not exist yet.
    type: path
  sha256:
    description:
      - The archive's SHA-256 digest. A release with this ID from another archive is an error.
    type: str
  signature:
    description: The archive's signature by C(ssh-keygen -Y sign), a file or C(base64:TEXT).
    type: str
  ref:
    description: The commit or tag that the archive was made from.
    type: str
  to:
    description: The release that C(rolled_back) activates (default is the rollback target).
    type: str
  store:
    description: The store's path.
    default: /opt/diting
    type: path
  program:
    description: The path of C(releases) on the host.
    default: releases
    type: path
  wait:
    description: How long to wait for another transaction on the host, such as 90s or 5m.
    default: 30s
    type: str
attributes:
  check_mode:
    description: Reports what would change, by C(--dry-run).
    support: full
  diff_mode:
    description: Shows the live release and the state of each release.
    support: full
author: The releases team (@releases)
"""

EXAMPLES = r"""
- name: Unpack and prepare without a switch
  diting.releases.releases:
    state: present
    id: "1762147685"
    archive: /var/tmp/app.tar.gz
    sha256: "{{ digest }}"

- name: Switch, and roll back on failure
  diting.releases.releases:
    state: live
    id: "1762147685"

- name: Unpack under an ID that is made from the content
  diting.releases.releases:
    state: present
    archive: /var/tmp/app.tar.gz
  register: release

- name: Roll back from the release where it is live
  diting.releases.releases:
    state: rolled_back
    id: "1762147685"
"""

RETURN = r"""
id:
  description: The release ID.
  returned: where one was given, or made from the archive
  type: str
live:
  description: The release that is live afterwards.
  returned: always
  type: str
before:
  description: The release that was live before.
  returned: always
  type: str
releases:
  description: The state of each release afterwards, by ID.
  returned: always
  type: dict
report:
  description: The document of C(releases --json) about the change or the failure.
  returned: when a change was requested
  type: dict
"""

NO_SUCH_STORE = "noSuchStore"
# How many hexadecimal digits of the digest are a release ID. The playbook makes the same ID.
DIGITS = 12


# A JSON document of `releases`, and what is known of a store.
Report = Any
Known = Any


class Failure(Exception):
    """An error of `releases`, from its JSON document."""

    def __init__(self, report: Report) -> None:
        error = report.get("error") or {}
        parts = [
            error.get("message", "the program printed no error"),
            error.get("cause"),
            error.get("hint"),
        ]
        super().__init__("; ".join(part for part in parts if part))
        self.code, self.report = error.get("code"), report


class Store:
    """The store on this host."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module, self.parameters = module, module.params
        self.report: Report | None = None

    def run(self, *arguments: str) -> Report:
        """Returns the document of a command; raises Failure for an error."""
        line = [
            self.parameters["program"],
            "--store",
            self.parameters["store"],
            "--json",
            *arguments,
        ]
        status, output, errors = self.module.run_command(line)
        try:
            report = json.loads(output)
        except ValueError:
            report = {"error": {"message": (errors or output).strip() or f"status {status}"}}
        if status != 0:
            raise Failure(report)
        return report

    def change(self, *arguments: str) -> bool:
        """Runs a changing command, with --dry-run in check mode."""
        if self.module.check_mode:
            arguments = (*arguments, "--dry-run")
        self.report = self.run(*arguments)
        return True

    def known(self) -> Known:
        """Returns the live release and the state of each release."""
        try:
            listed = self.run("list")
        except Failure as failure:
            if failure.code != NO_SUCH_STORE:
                raise
            return {"live": None, "releases": {}, "store": False}
        return {
            "live": listed["current"],
            "store": True,
            "releases": {row["id"]: row["state"] for row in listed["releases"]},
        }

    def name(self) -> str | None:
        """Returns the release ID, which the content of the archive has unless one is given."""
        given: str | None = self.parameters["id"]
        digest: str | None = self.parameters["sha256"]
        archive = self.parameters["archive"]
        if given or not (digest or archive):
            return given
        if not digest and os.path.exists(archive):
            digest = self.module.sha256(archive)
        if not digest:
            raise Failure({"error": {"message": f"the archive {archive} does not exist"}})
        return digest[:DIGITS].lower()

    def initialized(self, before: Known) -> bool:
        return not before["store"] and self.change("init")

    def present(self, before: Known) -> bool:
        name = self.parameters["id"]
        state = before["releases"].get(name)
        if state is None:
            return self.unpack(name)
        made_from, digest = self.run("show", name)["archiveSha256"], self.parameters["sha256"]
        if digest and made_from and digest != made_from:
            raise Failure(
                {
                    "error": {
                        "message": f"release {name} was made from another archive",
                        "cause": f"SHA-256 {made_from}",
                        "hint": "choose another release ID",
                    }
                }
            )
        if state in ("ready", "bad"):
            return False
        return self.change("prepare", name, "--wait", self.parameters["wait"])

    def unpack(self, name: str) -> bool:
        archive = self.parameters["archive"]
        if not archive:
            raise Failure(
                {"error": {"message": f"release {name} does not exist, and archive is not set"}}
            )
        if self.module.check_mode and not os.path.exists(archive):
            # In check mode the archive was not copied either.
            return True
        arguments = ["unpack", archive, "--id", name, "--wait", self.parameters["wait"]]
        for option in ("sha256", "signature", "ref"):
            if self.parameters[option]:
                arguments += [f"--{option}", self.parameters[option]]
        return self.change(*arguments)

    def live(self, before: Known) -> bool:
        name = self.parameters["id"]
        return before["live"] != name and self.change(
            "activate", name, "--wait", self.parameters["wait"]
        )

    def rolled_back(self, before: Known) -> bool:
        if before["live"] != self.parameters["id"]:
            return False
        target = ["--to", self.parameters["to"]] if self.parameters["to"] else []
        return self.change("rollback", *target, "--wait", self.parameters["wait"])

    def absent(self, before: Known) -> bool:
        name = self.parameters["id"]
        return name in before["releases"] and self.change(
            "remove", name, "--wait", self.parameters["wait"]
        )


def predicted(known: Known, state: str, name: str) -> Known:
    """Returns the state that a run in check mode predicts."""
    releases = dict(known["releases"])
    if state == "present":
        releases[name] = "ready"
    elif state == "absent":
        releases.pop(name, None)
    return {**known, "releases": releases, "live": name if state == "live" else known["live"]}


def difference(before: Known, after: Known) -> dict[str, str]:
    """Returns the difference as text with one line for each release."""

    def text(known: Known) -> str:
        return "".join(
            f"{name} {state}{', live' if name == known['live'] else ''}\n"
            for name, state in sorted(known["releases"].items())
        )

    return {
        "before": text(before),
        "after": text(after),
        "before_header": "releases",
        "after_header": "releases",
    }


def main() -> None:
    states = ["known", "initialized", "present", "live", "rolled_back", "absent"]
    needing = [("state", state, ("id", "sha256", "archive"), True) for state in states[2:]]
    text = {"type": "str"}
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": states, "default": "known"},
            "id": text,
            "archive": {"type": "path"},
            "sha256": text,
            "signature": text,
            "ref": text,
            "to": text,
            "store": {"type": "path", "default": "/opt/diting"},
            "program": {"type": "path", "default": "releases"},
            "wait": {"type": "str", "default": "30s"},
        },
        required_if=needing,
        supports_check_mode=True,
    )
    store, state = Store(module), module.params["state"]
    before: Known = {"live": None, "releases": {}, "store": False}
    try:
        module.params["id"] = store.name()
        before = store.known()
        changed = state != "known" and getattr(store, state)(before)
        after = store.known()
    except Failure as failure:
        # The command may have changed the store before it failed.
        try:
            after = store.known()
        except Failure:
            after = before
        module.fail_json(
            msg=str(failure),
            code=failure.code,
            report=failure.report,
            before=before["live"],
            live=after["live"],
            releases=after["releases"],
            changed=before != after,
        )
    if changed and module.check_mode:
        after = predicted(after, state, module.params["id"])
    module.exit_json(
        changed=changed,
        id=module.params["id"],
        before=before["live"],
        live=after["live"],
        releases=after["releases"],
        report=store.report,
        diff=difference(before, after),
    )


if __name__ == "__main__":
    main()
