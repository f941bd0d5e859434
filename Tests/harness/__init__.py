"""The Python test suites, and the modules that they share.

Each suite is a package of its own, and `PYTHONPATH=Tests python3 -B -m harness.SUITE` runs it; the
Makefile has a target for each:

callers     those who call the tool over SSH, from CI workflows and on terminals
guide       what the runbook and releases-store(7) say
calls       every command on a kernel that lacks system calls
crash       killed, failing and concurrent commands, and power cuts
host        a booted systemd with the package installed
fleet       the Ansible collection on five hosts
packages    the packages in empty Debian trees
kernels     Debian's own kernels in virtual machines
benchmarks  how long commands take, compared with what people type instead

What more than one suite needs is a module beside them: `store` runs the tool on a store, `oracle`
says whether a store is in order, `assertions` has the one `expect`.
"""
