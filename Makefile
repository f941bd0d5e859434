# Each target installs the Debian packages it lacks; as an ordinary user it says which.

PREFIX ?= /usr/local
DESTDIR ?=

# For the binary: the C libraries as static archives.
build_packages = libarchive-dev libssl-dev libyaml-dev zlib1g-dev libzstd-dev liblzma-dev \
	libbz2-dev liblz4-dev nettle-dev libacl1-dev libisal-dev
# For the static ISA-L, which is made from its source package.
isal_packages = dpkg-dev nasm gcc make libc6-dev
# For the tests: what makes and reads archives, shells for the completions, and the judges.
test_packages = bash zsh fish mandoc shellcheck strace python3 libarchive-tools mtree-netbsd \
	xz-utils bzip2 zstd lz4 zip unzip util-linux e2fsprogs openssh-client \
	xfsprogs btrfs-progs time curl iproute2 procps systemd sudo \
	gcc libc6-dev pkg-config libfuse3-dev fuse3 tar gzip acl
# For those who call it: a real sshd, and what the workflows' steps use.
callers_packages = python3 python3-yaml python3-venv openssh-server openssh-client git jq tar gzip \
	util-linux coreutils
host_packages = systemd systemd-sysv dbus systemd-container sudo curl python3 python3-venv \
	openssh-server openssh-client polkitd acl e2fsprogs procps util-linux $(packaging_packages)
bench_packages = gcc libc6-dev python3 python3-pip tar gzip zstd isal zip unzip libarchive-tools \
	e2fsprogs xfsprogs openssl openssh-server openssh-client capistrano time
demo_packages = strace
lint_packages = mandoc shellcheck
packaging_packages = dpkg-dev git gzip rpm
packages_packages = $(packaging_packages) python3 lintian rpmlint debootstrap tar
kernels_packages = $(packaging_packages) qemu-system-x86 qemu-user-static debootstrap e2fsprogs python3
fleet_packages = ansible ansible-lint python3 openssh-server openssh-client iproute2 util-linux tar gzip

export RELEASES_ISAL = $(CURDIR)/.build/isal
SWIFT_BUILD = Fixtures/swift.sh build --configuration release -Xswiftc -static-executable
BINARY = .build/release/releases
HOST = python3 -B Tests/Host/run.py
CRASH = python3 -B Tests/Crash/run.py $(BINARY)
# Debian's own Python, which its packages are for.
CALLERS = /usr/bin/python3 -B Tests/Callers
GUIDE = python3 -B Tests/Guide
COLLECTIONS = .build/collections/ansible_collections/diting
CRASH_REPORT = python3 -B Tests/Crash/report.py Tests/Crash/RESULTS.md .build/crash/results \
	.build/mutants/results
COMPLETIONS = man/completions/releases.bash man/completions/_releases \
	man/completions/releases.fish

.PHONY: all build demo test callers fleet packages kernels deb rpm calls crash mutants fuzz bench \
	host install generate format lint clean build-packages

all: build

build: build-packages
	$(SWIFT_BUILD) --product releases

demo: build demo-packages
	Fixtures/demo.sh $(BINARY)

# The unit tests run in a debug build, the black-box tests against the binary that gets installed.
# Among them are two minutes of archives nobody thought of, on both processors: see fuzz. Then
# those who call it over SSH, what the guides say, a seeded slice of the crash suite, and two minutes
# on a booted systemd.
test: build test-packages callers-packages host-packages
	Fixtures/demo.sh $(BINARY) >/dev/null
	RELEASES_BINARY="$(CURDIR)/$(BINARY)" RELEASES_FUZZ_MINUTES=2 Fixtures/swift.sh test
	$(CALLERS)/gate.py $(BINARY) --work .build/callers/gate
	$(CALLERS)/system_log.py $(BINARY) --work .build/callers/log
	$(CALLERS)/terminals.py $(BINARY) --work .build/callers/terminals
	$(CALLERS)/workflows.py $(BINARY) --work .build/callers/workflows >/dev/null
	$(GUIDE)/runbook.py $(BINARY) --work .build/guide/runbook
	$(GUIDE)/store_page.py $(BINARY) --work .build/guide/store
	python3 -B Tests/Crash/old_stores.py check $(BINARY) Fixtures/stores/0.1.tar.xz
	python3 -B Tests/Calls/run.py $(BINARY) --work .build/calls --share 0.06
	$(CRASH) --work .build/crash-slice --share 0.08 --images 3000 --minutes 0.5
	$(HOST) "$$(Integrations/packages/build.sh deb .build/packages)" --work .build/host --slice

# The workflows against GitHub's own schema of them, which PyPI has, and their steps, with all that a
# person would see of them.
callers: build callers-packages
	test -x .build/callers-venv/bin/check-jsonschema || \
	  { /usr/bin/python3 -m venv .build/callers-venv && \
	    .build/callers-venv/bin/pip install --quiet check-jsonschema==0.39.0; }
	.build/callers-venv/bin/check-jsonschema --builtin-schema vendor.github-workflows \
	  Integrations/github/*.yml
	$(CALLERS)/gate.py $(BINARY) --work .build/callers/gate
	$(CALLERS)/system_log.py $(BINARY) --work .build/callers/log
	$(CALLERS)/workflows.py $(BINARY) --work .build/callers/workflows

# Ansible, for five hosts with a network of their own, and the same job with Ansible's deploy_helper;
# takes root.
fleet: build fleet-packages
	mkdir -p $(COLLECTIONS)
	ln -sfn $(CURDIR)/Integrations/ansible $(COLLECTIONS)/releases
	cd Integrations/ansible && ANSIBLE_HOME=$(CURDIR)/.build/ansible \
	  ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/.build/collections ansible-lint --nocolor
	/usr/bin/python3 -B Tests/Fleet/run.py $(BINARY) --work .build/fleet

# Boots Debian's own kernels in qemu and cuts the power; needs root and more than an hour. KERNELS
# selects parts of: 5.10 6.1 selinux aarch64. Trees and disks are kept.
KERNELS ?=
kernels: deb kernels-packages
	python3 -B Tests/Kernels/run.py --work .build/kernels \
	  "$$(ls -t .build/packages/releases_*_amd64.deb | head -n 1)" $(KERNELS)

# All points instead of a seeded slice, ten minutes of many at work, larger archives cut off; takes
# an hour, and writes RESULTS.md.
crash: build test-packages
	$(CRASH) --work .build/crash --minutes 10 --images 260000
	$(CRASH_REPORT)
	RELEASES_BINARY="$(CURDIR)/$(BINARY)" RELEASES_FULL_MATRIX=1 RELEASES_MINUTES=1 \
	  Fixtures/swift.sh test --filter 'ConcurrencyTests|LargeTruncationTests'

# Takes each flush, rename, lock, checksum and recovery rule out in turn: the crash suite must see it.
mutants: build test-packages
	python3 -B Tests/Crash/mutants.py --work .build/mutants
	$(CRASH_REPORT)

# Runs every command without each system call that a supported host may lack; takes about ten
# minutes, and writes RESULTS.md.
calls: build test-packages
	python3 -B Tests/Calls/run.py $(BINARY) --work .build/calls --report Tests/Calls/RESULTS.md

# Changed archives for RELEASES_MINUTES; RELEASES_SEED makes the same ones again.
RELEASES_MINUTES ?= 60
fuzz: build test-packages
	RELEASES_BINARY="$(CURDIR)/$(BINARY)" RELEASES_FUZZ_MINUTES="$(RELEASES_MINUTES)" \
	  Fixtures/swift.sh test --filter FuzzTests

# Ratios to what people type instead, on a loop-mounted disk; takes a while, and wants a quiet machine.
bench: build bench-packages
	python3 Tests/Benchmarks/unpack.py $(BINARY) --work .build/bench --report Tests/Benchmarks/RESULTS.md
	python3 -B Tests/Benchmarks/commands.py $(BINARY) --work .build/bench \
	  --report Tests/Benchmarks/RESULTS.md

# Boots a systemd with the package installed, a real uvicorn from a real uv, and a real sshd; needs
# root, PyPI and half an hour, and writes RESULTS.md. For comparison, the package of 0.1 is built
# once; it must fail.
host: build host-packages
	old=$$(Tests/Host/old_package.sh .build/host) && rm -f .build/host/old.json && \
	{ $(HOST) $$old --is-old --work .build/host --rows .build/host/old.json >/dev/null || true; } && \
	$(HOST) "$$(Integrations/packages/build.sh deb .build/packages)" --work .build/host \
	  --old $$old --compare .build/host/old.json --report Tests/Host/RESULTS.md

install: build
	install -D -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/releases"
	install -D -m 644 man/releases.1 "$(DESTDIR)$(PREFIX)/share/man/man1/releases.1"
	install -D -m 644 man/releases.yaml.5 "$(DESTDIR)$(PREFIX)/share/man/man5/releases.yaml.5"
	install -D -m 644 man/releases-store.7 "$(DESTDIR)$(PREFIX)/share/man/man7/releases-store.7"
	install -D -m 644 man/completions/releases.bash \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/releases"
	install -D -m 644 man/completions/_releases \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_releases"
	install -D -m 644 man/completions/releases.fish \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/releases.fish"

# The same bytes for the same commit.
deb rpm: build packaging-packages
	@Integrations/packages/build.sh $@ .build/packages

# Both, judged by their distributions' own judges, and used in trees that have nothing else; takes
# root and, the first time, some minutes for debootstrap.
packages: build packages-packages
	python3 -B Tests/Packages/run.py --work .build/packages/trees \
	  --old "$$(Tests/Host/old_package.sh .build/host)"

# Writes what is made from the command table; a test holds the committed files against it.
generate: build
	mkdir -p man/completions
	$(BINARY) generate man > man/releases.1
	$(BINARY) completion bash > man/completions/releases.bash
	$(BINARY) completion zsh > man/completions/_releases
	$(BINARY) completion fish > man/completions/releases.fish
	Fixtures/plain-units.sh Integrations/systemd
	Fixtures/user-units.sh Integrations/systemd/user

format:
	swift format --in-place --recursive Sources Tests Package.swift

lint: lint-packages
	swift format lint --strict --recursive Sources Tests Package.swift
	mandoc -T lint -W warning man/releases.1 man/releases.yaml.5 man/releases-store.7
	shellcheck Fixtures/*.sh .ci/run Integrations/github/*.sh Integrations/packages/build.sh \
	  Integrations/packages/reload.sh Integrations/packages/disable.sh Tests/Host/*.sh

clean:
	swift package clean

build-packages:
	@Fixtures/need-packages.sh $(build_packages) $(isal_packages)
	@Fixtures/static-isal.sh $(RELEASES_ISAL)

# What its list above names; no file is ever made of that name.
%-packages:
	@Fixtures/need-packages.sh $($*_packages)
