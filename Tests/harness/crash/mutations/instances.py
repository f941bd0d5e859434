"""Mutants of the switch between instances. Scenarios on a booted host have to notice them."""

from __future__ import annotations

from harness.crash.mutations.mutant import Mutant, host

PLAN = "InstanceRecovery.swift"
SWITCH = "InstanceTransaction.swift"
SERVE = "InstanceServing.swift"
LINK = "LiveLink.swift"
DRAIN = "Draining.swift"
KILL = "instance-kill-points"

# What keeps the end of a drain from stopping an instance that is used again.
GUARDS = """\
    guard drains.contains(where: { $0.id == id && $0.isBy(environment.actor) }),
      try store.links.link(Layout.current).release != id
    else { return }
    let places = layouts.map { ReleaseInstances($0, store, environment) }
    guard !places.contains(where: { $0.isServing(id) }) else { return }
"""

INSTANCES = [
    Mutant(
        "changed configuration",
        "recovery starts the live release with a configuration that no switch has applied",
        "RunningLayout.swift",
        "      var layout = earlier.layout(running: live),\n",
        "      var layout = earlier.layout(running: live), false,\n",
        host("instance-change-pending"),
    ),
    Mutant(
        "restart not recorded",
        "no command knows where a restart has started an instance",
        "Restarter.swift",
        "      try store.recordStart(at: instances.layout, environment)\n",
        "",
        host("instance-change-twice"),
    ),
    Mutant(
        "recovery not recorded",
        "no command knows where recovery has started an instance",
        SERVE,
        "      try? store.recordStart(at: layout, environment)\n",
        "",
        host("instance-change-twice"),
    ),
    Mutant(
        "live first",
        "`live` is moved before the new instance is healthy",
        SWITCH,
        "      if !onlyLinks, let effect = try switching.start(&trace) {\n",
        "      try releases.live.point(to: plan.to)\n"
        "      if !onlyLinks, let effect = try switching.start(&trace) {\n",
        host(KILL, "activate"),
    ),
    Mutant(
        "old instance stopped first",
        "the old instance is stopped before `live` is moved",
        SWITCH,
        "        staged = try moveLinks(confirmed, ",
        "        for old in olds { releases.stopOrWarn(old) }\n"
        "        staged = try moveLinks(confirmed, ",
        host(KILL, "activate"),
    ),
    Mutant(
        "no drain",
        "the old instance is stopped at once",
        DRAIN,
        "    ConnectionWait(layouts: layouts, limit: limit).run { stillDraining }\n",
        "",
        host("instance-drain-limit"),
    ),
    Mutant(
        "drain not recorded",
        "the end of a switch does not say which instances drain",
        "Transaction.swift",
        "    done.draining = draining\n",
        "",
        host(KILL, "recover, the old instance drains"),
    ),
    Mutant(
        "abandoned drains left",
        "recovery leaves instances whose drain was killed",
        PLAN,
        "    return draining.drains.filter { !$0.isWaiting }\n",
        "    return draining.drains.filter { $0.isWaiting && false }\n",
        host(KILL, "recover, the old instance drains"),
    ),
    Mutant(
        "reused instance stopped",
        "the end of a drain stops an instance that serves again",
        DRAIN,
        GUARDS,
        "    let places = layouts.map { ReleaseInstances($0, store, environment) }\n"
        "    _ = drains\n",
        host("instance-drain-reuse"),
    ),
    Mutant(
        "candidate left by recovery",
        "recovery does not stop the instance of an interrupted switch",
        PLAN,
        "? [] : [drains ? .drainInstance(id) : .stopInstance(id)]",
        "? [] : drains ? [] : []",
        host(KILL, "activate"),
    ),
    Mutant(
        "candidate left",
        "the instance that failed its health check is not stopped",
        "InstanceSwitching.swift",
        "    instances.stopOrWarn(plan.to)\n    let restored",
        "    let restored",
        host("instance-fault-points", "deploy of an unhealthy release"),
    ),
    Mutant(
        "rehearsal left by recovery",
        "recovery does not stop a rehearsal",
        PLAN,
        "let rehearsal = instances.overlap ? [] : [RecoveryStep.stopRehearsal(id)]",
        "let rehearsal: [RecoveryStep] = []",
        host(KILL, "recover, a rehearsal runs"),
    ),
    Mutant(
        "live left by recovery",
        "recovery does not move `live`",
        SERVE,
        "    } else if problem == nil {\n      try live.point(to: id)\n    }",
        "    }",
        host(KILL, "recover, current was moved"),
    ),
    Mutant(
        "old instance left stopped",
        "recovery does not start the old instance again with `overlap: false`",
        PLAN,
        "let serveOld: [RecoveryStep] = served.map { [.serveInstance($0, starts: true)] } ?? []",
        "let serveOld: [RecoveryStep] = served.map { _ in [] } ?? []",
        host(KILL, "recover, the old instance was stopped"),
    ),
    Mutant(
        "live removed first",
        "`live` is removed and made again",
        LINK,
        "        try directory.rename(temporary, to: name)\n",
        "        try directory.unlinkIfPresent(name)\n"
        "        try directory.rename(temporary, to: name)\n",
        host(KILL, "activate"),
    ),
    Mutant(
        "temporary live left",
        "what an interrupted move of `live` has left is not removed",
        LINK,
        "        try? directory.unlinkIfPresent(entry.name)\n",
        "        _ = entry\n",
        # How often a switch renames something before depends on its health check.
        host(KILL, "recover, current was moved") + host(KILL, "activate"),
    ),
    Mutant(
        "current first, instances",
        "`current` is moved before `previous`, between instances",
        "LinkWriting.swift",
        "      for change in changes {\n        if change.text == nil {",
        "      for change in changes.reversed() {\n        if change.text == nil {",
        host(KILL, "activate"),
    ),
    Mutant(
        "no live at boot",
        "recovery at boot does not make `live`",
        SERVE,
        "if problem == nil, LocalSocket.accepts(socket) || !isServed() { try live.point(to: id) }",
        "if problem == nil, LocalSocket.accepts(socket) { try live.point(to: id) }",
        host("instance-boot-drain"),
    ),
    Mutant(
        "no start at boot",
        "recovery at boot does not queue the live instance",
        SERVE,
        "    if starts, !runs {\n",
        "    if starts, !runs, !isBoot {\n",
        host("instance-boot-drain"),
    ),
]
