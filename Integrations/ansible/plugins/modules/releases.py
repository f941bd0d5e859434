#!/usr/bin/python
"""Brings a release of a store to where it is asked to be, by asking `releases` itself."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: releases
short_description: Unpacks, switches, rolls back and removes the releases of a service
description:
  - Asks C(releases) on the host. Every change is a transaction, which the store's own journal
    settles should the connection or the host go down in the middle of it.
options:
  state:
    description:
      - C(known) changes nothing and says what there is.
      - C(initialized) makes the store, or takes over an existing directory.
      - C(present) unpacks and prepares the release, and switches nothing.
      - C(live) switches to the release, and back when it does not work.
      - C(rolled_back) leaves the release where it is live, for the one before it or for I(to).
      - C(absent) removes the release.
    choices: [known, initialized, present, live, rolled_back, absent]
    default: known
    type: str
  id:
    description: The release. All states but C(known) and C(initialized) need it.
    type: str
  archive:
    description: The archive on the host. Only C(present) needs it, for a release that is not there.
    type: path
  sha256:
    description: Of the archive. A release of the same name that was made from another is an error.
    type: str
  signature:
    description: The archive's signature by C(ssh-keygen -Y sign), a file or C(base64:TEXT).
    type: str
  ref:
    description: Which commit or tag the archive was made from.
    type: str
  to:
    description: Which release C(rolled_back) goes back to; else the one the store itself chooses.
    type: str
  store:
    description: The store's path.
    default: /opt/diting
    type: path
  program:
    description: Where C(releases) is on the host.
    default: releases
    type: path
  wait:
    description: How long to wait for another transaction on the host, such as 90s or 5m.
    default: 30s
    type: str
attributes:
  check_mode:
    description: Says what would change, from C(--dry-run).
    support: full
  diff_mode:
    description: Shows the release that is live, and the states of what there is.
    support: full
author: The releases team (@releases)
"""

EXAMPLES = r"""
- name: Unpack and prepare, and switch nothing
  diting.releases.releases:
    state: present
    id: "1762147685"
    archive: /var/tmp/app.tar.gz
    sha256: "{{ digest }}"

- name: Switch, and back when it does not work
  diting.releases.releases:
    state: live
    id: "1762147685"

- name: Leave it where it is live
  diting.releases.releases:
    state: rolled_back
    id: "1762147685"
"""

RETURN = r"""
live:
  description: The release that is live afterwards.
  returned: always
  type: str
before:
  description: The release that was live before.
  returned: always
  type: str
releases:
  description: The state of each release that there is afterwards, by its id.
  returned: always
  type: dict
report:
  description: What C(releases --json) said of the change, or of the failure.
  returned: when something was to be changed
  type: dict
"""

NO_SUCH_STORE, NO_SUCH_RELEASE = "noSuchStore", "noSuchRelease"


# A JSON document of `releases`, and what is known of a store.
Report = Any
Known = Any


class Refusal(Exception):
    """What `releases` has against it, as it says it in JSON."""

    def __init__(self, report: Report) -> None:
        error = report.get("error") or {}
        words = [
            error.get("message", "the program said nothing"),
            error.get("cause"),
            error.get("hint"),
        ]
        super().__init__("; ".join(word for word in words if word))
        self.code, self.report = error.get("code"), report


class Store:
    """The store on this host."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module, self.asked = module, module.params
        self.report: Report | None = None

    def ask(self, *words: str) -> Report:
        """What the program answers; raises Refusal."""
        line = [self.asked["program"], "--store", self.asked["store"], "--json", *words]
        status, output, errors = self.module.run_command(line)
        try:
            report = json.loads(output)
        except ValueError:
            report = {"error": {"message": (errors or output).strip() or f"status {status}"}}
        if status != 0:
            raise Refusal(report)
        return report

    def change(self, *words: str) -> bool:
        if self.module.check_mode:
            words = (*words, "--dry-run")
        self.report = self.ask(*words)
        return True

    def known(self) -> Known:
        """What is live, and the state of each release."""
        try:
            listed = self.ask("list")
        except Refusal as refusal:
            if refusal.code != NO_SUCH_STORE:
                raise
            return {"live": None, "releases": {}, "store": False}
        return {
            "live": listed["current"],
            "store": True,
            "releases": {row["id"]: row["state"] for row in listed["releases"]},
        }

    def initialized(self, before: Known) -> bool:
        return not before["store"] and self.change("init")

    def present(self, before: Known) -> bool:
        name = self.asked["id"]
        state = before["releases"].get(name)
        if state is None:
            return self.unpack(name)
        made_from, digest = self.ask("show", name)["archiveSha256"], self.asked["sha256"]
        if digest and made_from and digest != made_from:
            raise Refusal(
                {
                    "error": {
                        "message": f"release {name} was made from another archive",
                        "cause": f"SHA-256 {made_from}",
                        "hint": "name it otherwise",
                    }
                }
            )
        if state in ("ready", "bad"):
            return False
        return self.change("prepare", name, "--wait", self.asked["wait"])

    def unpack(self, name: str) -> bool:
        archive = self.asked["archive"]
        if not archive:
            raise Refusal({"error": {"message": f"release {name} is not there, and no archive is"}})
        if self.module.check_mode and not os.path.exists(archive):
            # A copy that was only foreseen as well.
            return True
        words = ["unpack", archive, "--id", name, "--wait", self.asked["wait"]]
        for option in ("sha256", "signature", "ref"):
            if self.asked[option]:
                words += [f"--{option}", self.asked[option]]
        return self.change(*words)

    def live(self, before: Known) -> bool:
        name = self.asked["id"]
        return before["live"] != name and self.change(
            "activate", name, "--wait", self.asked["wait"]
        )

    def rolled_back(self, before: Known) -> bool:
        if before["live"] != self.asked["id"]:
            return False
        target = ["--to", self.asked["to"]] if self.asked["to"] else []
        return self.change("rollback", *target, "--wait", self.asked["wait"])

    def absent(self, before: Known) -> bool:
        name = self.asked["id"]
        return name in before["releases"] and self.change(
            "remove", name, "--wait", self.asked["wait"]
        )


def foreseen(known: Known, state: str, name: str) -> Known:
    """What there would be, for a run that changes nothing."""
    releases = dict(known["releases"])
    if state == "present":
        releases[name] = "ready"
    elif state == "absent":
        releases.pop(name, None)
    return {**known, "releases": releases, "live": name if state == "live" else known["live"]}


def difference(before: Known, after: Known) -> dict[str, str]:
    """As text, one line a release, the live one marked."""

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
    needing = [("state", state, ("id",)) for state in states[2:]]
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
        before = store.known()
        changed = state != "known" and getattr(store, state)(before)
        after = store.known()
    except Refusal as refusal:
        # What it did before it gave up is in the store, and worth telling.
        try:
            after = store.known()
        except Refusal:
            after = before
        module.fail_json(
            msg=str(refusal),
            code=refusal.code,
            report=refusal.report,
            before=before["live"],
            live=after["live"],
            releases=after["releases"],
            changed=before != after,
        )
    if changed and module.check_mode:
        after = foreseen(after, state, module.params["id"])
    module.exit_json(
        changed=changed,
        before=before["live"],
        live=after["live"],
        releases=after["releases"],
        report=store.report,
        diff=difference(before, after),
    )


if __name__ == "__main__":
    main()
