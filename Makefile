# Each target installs the Debian packages that are missing. Without root it prints their names.

PREFIX ?= /usr/local
DESTDIR ?=

# The binary needs the C libraries as static archives.
build_packages = libarchive-dev libssl-dev libyaml-dev zlib1g-dev libzstd-dev liblzma-dev \
	libbz2-dev liblz4-dev nettle-dev libacl1-dev libisal-dev
# The static ISA-L is built from its source package.
isal_packages = dpkg-dev nasm gcc make libc6-dev
# The tests need programs that make and read archives, shells for the completions, and linters.
test_packages = bash zsh fish mandoc shellcheck strace python3 libarchive-tools mtree-netbsd \
	xz-utils bzip2 zstd lz4 zip unzip util-linux e2fsprogs openssh-client openssl \
	xfsprogs btrfs-progs time curl iproute2 procps systemd sudo \
	gcc libc6-dev pkg-config libfuse3-dev fuse3 tar gzip acl attr
# The callers need a real sshd, and the programs that the steps of the workflows run.
callers_packages = python3 python3-yaml python3-venv openssh-server openssh-client git jq tar gzip \
	util-linux coreutils
host_packages = systemd systemd-sysv dbus systemd-container sudo curl python3 python3-venv \
	openssh-server openssh-client polkitd acl e2fsprogs procps util-linux ansible apt strace \
	$(packaging_packages)
bench_packages = gcc libc6-dev python3 python3-pip tar gzip zstd isal zip unzip libarchive-tools \
	e2fsprogs xfsprogs openssl openssh-server openssh-client capistrano time
demo_packages = strace
lint_packages = mandoc shellcheck python3 python3-venv
packaging_packages = dpkg-dev git gzip rpm python3
# The programs that make archives, one for each maker of harness.makers, and pip for those of PyPI.
makers_packages = python3 python3-pip apt tar gzip bzip2 xz-utils zstd lz4 pigz zopfli pbzip2 lbzip2 \
	pixz plzip lzip lzop libarchive-tools busybox cpio pax 7zip zip unzip advancecomp binutils perl \
	libarchive-zip-perl ruby ruby-zip php-cli php-zip git npm ant default-jdk-headless mono-mcs \
	mono-runtime libmono-system-io-compression4.0-cil \
	libmono-system-io-compression-filesystem4.0-cil
packages_packages = $(packaging_packages) python3 lintian rpmlint debootstrap tar cpio
# The browser that looks at the HTML page, and the fonts of its pictures.
page_packages = chromium fonts-noto-core fonts-noto-mono fonts-dejavu-core python3
pictures_packages = $(page_packages) e2fsprogs pngquant zopfli
kernels_packages = $(packaging_packages) qemu-system-x86 qemu-user-static debootstrap e2fsprogs python3
fleet_packages = ansible ansible-lint python3 openssh-server openssh-client iproute2 util-linux tar gzip

# Where Swift builds. A release has a directory of its own.
RELEASES_BUILD ?= .build

export RELEASES_ISAL = $(CURDIR)/.build/isal
# What the linker has linked, which the packages tell.
export RELEASES_LINK_MAP = $(CURDIR)/$(RELEASES_BUILD)/releases.map
# The installed binary is position-independent, for which it must have no run path.
export RELEASES_PIE = 1
# With testing enabled, the binary and the tests use the same compiled modules.
SWIFT_OPTIONS = --scratch-path $(RELEASES_BUILD) --configuration release -Xswiftc -enable-testing \
	--disable-local-rpath
SWIFT_BUILD = Fixtures/swift.sh build $(SWIFT_OPTIONS)
# Prints one line per suite, and failures in full.
SWIFT_TEST = RELEASES_BINARY="$(CURDIR)/$(BINARY)" Fixtures/suites.sh $(SWIFT_OPTIONS)
BINARY = $(RELEASES_BUILD)/release/releases
# The Python suites: `$(SUITE).crash` runs harness.crash, a package under Tests.
SUITE = PYTHONPATH=$(CURDIR)/Tests python3 -B -m harness
# Debian's own Python has the modules of Debian's packages.
DEBIAN_SUITE = PYTHONPATH=$(CURDIR)/Tests /usr/bin/python3 -B -m harness
RESULTS = Tests/harness
COLLECTIONS = .build/collections/ansible_collections/diting
CRASH_REPORT = $(SUITE).crash.report $(RESULTS)/crash/RESULTS.md .build/crash/results \
	.build/mutants/results
# The linters of the Python code come from PyPI, and are installed in .build.
PYTHON_LINTERS = ruff==0.17.6 mypy==2.4.1 types-PyYAML==6.0.12.20261122
PYTHON_LINT = .build/lint-venv/bin
# The Python programs to type-check. Those of Fixtures are files that belong to no package.
PYTHON_PROGRAMS = Tests/harness Fixtures/archives $(wildcard Fixtures/*.py) \
	$(wildcard Integrations/packages/*.py) \
	Fixtures/application/app.py Integrations/ansible/plugins/modules/releases.py
COMPLETIONS = man/completions/releases.bash man/completions/_releases \
	man/completions/releases.fish

.PHONY: all build demo test unit slow-test shapes callers fleet packages kernels deb rpm release reproducible calls crash mutants fuzz bench \
	host makers pictures readme install generate format lint python-linters clean build-packages

all: build

build: build-packages
	$(SWIFT_BUILD) --product releases

demo: build demo-packages
	Fixtures/demo.sh $(BINARY)

# Runs the tests that take less than ten minutes together: the demonstration, the unit tests, the
# black-box tests of the binary that is installed, callers over SSH, README.md, the examples of
# releases(1), releases-store(7), releases-json(7), the guides in man/guides, the alerts and the
# dashboard, stores of 0.1, a sample of `calls`, and what an archive could do in the sandbox. The rest
# of the gate is `slow-test`.
test: build-packages test-packages callers-packages
	$(SWIFT_BUILD) --build-tests
	Fixtures/demo.sh $(BINARY) >/dev/null
	$(SWIFT_TEST) --skip-build --skip FuzzTests
	$(DEBIAN_SUITE).callers.gate $(BINARY) --work .build/callers/gate
	$(DEBIAN_SUITE).callers.system_log $(BINARY) --work .build/callers/log
	$(DEBIAN_SUITE).callers.terminals $(BINARY) --work .build/callers/terminals
	$(SUITE).guide.readme $(BINARY) --work .build/guide/readme
	$(SUITE).guide.store_page $(BINARY) --work .build/guide/store
	$(DEBIAN_SUITE).monitoring $(BINARY) --work .build/monitoring
	$(SUITE).guide.json_page $(BINARY) --work .build/guide/json
	$(SUITE).guide.guides $(BINARY) --work .build/guide/guides
	$(SUITE).guide.manual_examples $(BINARY) --work .build/guide/examples
	$(SUITE).crash.old_stores check $(BINARY) Fixtures/stores/0.1.tar.xz
	$(SUITE).calls $(BINARY) --work .build/calls --share 0.06
	$(SUITE).sandbox $(BINARY) --work .build/sandbox

# Runs only the unit tests, in a debug build, which is faster after a change in one file. The suite
# that truncates large archives takes most of a minute in a debug build; `test` runs it.
unit: build-packages test-packages
	Fixtures/suites.sh --skip BlackBoxTests --skip LargeTruncationTests

# Runs the tests that take longer: two minutes of changed archives (see fuzz), the steps of the
# workflows, the runbooks, the HTML page in Chromium, a seeded sample of the crash suite, and some minutes
# on a booted systemd, where the tutorial of README.md is typed, too. The gate runs it after `test`.
slow-test: build test-packages callers-packages host-packages page-packages
	$(SWIFT_BUILD) --build-tests
	RELEASES_FUZZ_MINUTES=2 $(SWIFT_TEST) --skip-build --filter FuzzTests
	$(DEBIAN_SUITE).callers.workflows $(BINARY) --work .build/callers/workflows
	$(DEBIAN_SUITE).callers.checks --work .build/callers/checks
	$(SUITE).guide.runbook $(BINARY) --work .build/guide/runbook
	$(SUITE).page $(BINARY) --work .build/page
	$(SUITE).crash $(BINARY) --work .build/crash-slice --share 0.08 --images 3000 --minutes 0.5
	$(SUITE).guide.tutorial "$$(Integrations/packages/build.sh deb .build/packages)" --work .build/guide/tutorial
	$(SUITE).host "$$(Integrations/packages/build.sh deb .build/packages)" --work .build/host --slice

# Every command meets every hostile shape of every file of a store, and every number out of bounds, of
# which `test` tries a share.
shapes: build test-packages
	$(SWIFT_BUILD) --build-tests
	RELEASES_HOSTILE_SHAPES=all RELEASES_HOSTILE_NUMBERS=all \
	  $(SWIFT_TEST) --skip-build --filter 'HostileShapeTests|HostileNumberTests'

# Checks the workflows and the action against GitHub's schemas, which come from PyPI, and runs their
# steps with all of their output.
callers: build callers-packages
	test -x .build/callers-venv/bin/check-jsonschema || \
	  { /usr/bin/python3 -m venv .build/callers-venv && \
	    .build/callers-venv/bin/pip install --quiet check-jsonschema==0.39.0; }
	.build/callers-venv/bin/check-jsonschema --builtin-schema vendor.github-workflows \
	  $(filter-out %/action.yml,$(wildcard Integrations/github/*.yml)) .github/workflows/*.yml
	.build/callers-venv/bin/check-jsonschema --builtin-schema vendor.github-actions \
	  Integrations/github/action.yml
	$(DEBIAN_SUITE).callers.gate $(BINARY) --work .build/callers/gate
	$(DEBIAN_SUITE).callers.system_log $(BINARY) --work .build/callers/log
	$(DEBIAN_SUITE).callers.workflows $(BINARY) --work .build/callers/workflows --show
	$(DEBIAN_SUITE).callers.checks --work .build/callers/checks --show

# Runs Ansible on five hosts with a separate network, and the same job with Ansible's deploy_helper.
# It needs root.
fleet: build fleet-packages
	mkdir -p $(COLLECTIONS)
	ln -sfn $(CURDIR)/Integrations/ansible $(COLLECTIONS)/releases
	cd Integrations/ansible && ANSIBLE_HOME=$(CURDIR)/.build/ansible \
	  ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/.build/collections ansible-lint --nocolor
	$(DEBIAN_SUITE).fleet $(BINARY) --work .build/fleet

# Boots Debian's kernels in qemu and cuts the power. It needs root and more than an hour. KERNELS
# selects some of: 5.10 6.1 selinux aarch64. Trees and disks are kept.
KERNELS ?=
kernels: deb kernels-packages
	$(SUITE).kernels --work .build/kernels \
	  "$$(ls -t .build/packages/releases_*_amd64.deb | head -n 1)" $(KERNELS)

# Runs all points of the crash suite instead of a sample, ten minutes of concurrent commands, and
# larger truncated archives. It takes an hour, and writes RESULTS.md.
crash: build test-packages
	$(SUITE).crash $(BINARY) --work .build/crash --minutes 10 --images 260000
	$(CRASH_REPORT)
	RELEASES_FULL_MATRIX=1 RELEASES_MINUTES=1 \
	  $(SWIFT_TEST) --filter 'ConcurrencyTests|LargeTruncationTests'

# Removes each flush, rename, lock, checksum and recovery rule in turn, and what instances depend on.
# The crash suite must notice; for instances, a booted host.
mutants: build test-packages host-packages
	$(SUITE).crash.mutants --work .build/mutants \
	  --package "$$(Integrations/packages/build.sh deb .build/packages)"
	$(CRASH_REPORT)

# Runs every command without each system call that a supported host may lack. It takes about ten
# minutes, and writes RESULTS.md.
calls: build test-packages
	$(SUITE).calls $(BINARY) --work .build/calls --report $(RESULTS)/calls/RESULTS.md

# Unpacks changed archives for RELEASES_MINUTES. RELEASES_SEED makes the same archives again.
RELEASES_MINUTES ?= 60
fuzz: build test-packages
	RELEASES_FUZZ_MINUTES="$(RELEASES_MINUTES)" $(SWIFT_TEST) --filter FuzzTests

# Measures the commands against what people type instead, on a loop-mounted disk. It needs an idle
# machine, and writes RESULTS.md.
bench: build bench-packages
	$(SUITE).benchmarks.unpack $(BINARY) --work .build/bench --report $(RESULTS)/benchmarks/RESULTS.md
	$(SUITE).benchmarks.commands $(BINARY) --work .build/bench \
	  --report $(RESULTS)/benchmarks/RESULTS.md

# Boots a systemd with the package installed, a real uvicorn from a real uv, and a real sshd. It
# needs root, PyPI and half an hour, and writes RESULTS.md. The package of 0.1 is built once for
# comparison, and must fail.
host: build host-packages
	old=$$(Tests/harness/build_old_package.sh .build/host) && rm -f .build/host/old.json && \
	{ $(SUITE).host $$old --is-old --work .build/host --rows .build/host/old.json >/dev/null || true; } && \
	$(SUITE).host "$$(Integrations/packages/build.sh deb .build/packages)" --work .build/host \
	  --old $$old --compare .build/host/old.json --report $(RESULTS)/host/RESULTS.md

# Unpacks archives of many makers, and compares each tree with that of GNU tar or unzip. Downloads
# come from PyPI and Debian, and stay in .build/makers. It writes RESULTS.md.
makers: build makers-packages
	$(DEBIAN_SUITE).makers $(BINARY) --work .build/makers --report $(RESULTS)/makers/RESULTS.md

# Makes the pictures of the HTML page from a store with a made-up history. It needs root. The same
# binary, browser and fonts make the same bytes.
pictures: build pictures-packages
	$(SUITE).page.pictures $(BINARY) Integrations/pictures --work .build/pictures

# Types the tutorial on a booted host, and writes the output and the recording to README.md and
# Integrations/pictures. It needs root.
readme: build host-packages
	$(SUITE).guide.tutorial "$$(Integrations/packages/build.sh deb .build/packages)" \
	  --work .build/guide/tutorial --write

install: build
	install -D -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/releases"
	install -D -m 644 man/releases.1 "$(DESTDIR)$(PREFIX)/share/man/man1/releases.1"
	install -D -m 644 man/releases.yaml.5 "$(DESTDIR)$(PREFIX)/share/man/man5/releases.yaml.5"
	install -D -m 644 man/releases-store.7 "$(DESTDIR)$(PREFIX)/share/man/man7/releases-store.7"
	install -D -m 644 man/releases-json.7 "$(DESTDIR)$(PREFIX)/share/man/man7/releases-json.7"
	install -D -m 644 man/releases-security.7 \
	  "$(DESTDIR)$(PREFIX)/share/man/man7/releases-security.7"
	install -D -m 644 man/completions/releases.bash \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/releases"
	install -D -m 644 man/completions/_releases \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_releases"
	install -D -m 644 man/completions/releases.fish \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/releases.fish"

# Builds a package. The same commit gives the same bytes.
deb rpm: build packaging-packages
	@Integrations/packages/build.sh $@ .build/packages

# Makes all that is published of a version, in .build/dist: program, packages, source, bills of
# materials, and checksums. The program is built from the beginning, in a directory of its own.
release: build-packages packaging-packages
	@Integrations/packages/release.sh .build/dist

# Makes a release again in a clone elsewhere, and compares every byte.
reproducible: release
	Tests/harness/compare_releases.sh .build/reproducible .build/dist

# Checks both packages with the linters of their distributions, and uses them in minimal systems. It
# needs root and, the first time, some minutes for debootstrap.
packages: build packages-packages
	$(SUITE).packages $(BINARY) --work .build/packages/trees \
	  --old "$$(Tests/harness/build_old_package.sh .build/host)"

# Writes the files that are generated from the changelog, the command table, the JSON Schemas and the
# unit templates. Tests compare the committed files.
generate:
	Fixtures/version.sh Integrations/packages/changelog > Sources/ReleasesCLI/Output/Version.swift
	$(MAKE) build
	mkdir -p man/completions
	$(BINARY) generate man > man/releases.1
	python3 Fixtures/json-page.py man/schemas man/releases-json.7.in > man/releases-json.7
	$(BINARY) completion bash > man/completions/releases.bash
	$(BINARY) completion zsh > man/completions/_releases
	$(BINARY) completion fish > man/completions/releases.fish
	Fixtures/plain-units.sh Integrations/systemd
	Fixtures/user-units.sh Integrations/systemd/user

format: python-linters
	swift format --in-place --recursive Sources Tests Package.swift
	$(PYTHON_LINT)/ruff format --quiet

lint: lint-packages python-linters
	swift format lint --strict --recursive Sources Tests Package.swift
	mandoc -T lint -W warning man/releases.1 man/releases.yaml.5 man/releases-json.7 \
	  man/releases-store.7 man/releases-security.7
	shellcheck Fixtures/*.sh .ci/run Integrations/github/*.sh Integrations/packages/build.sh \
	  Integrations/packages/release.sh Integrations/packages/reload.sh Integrations/packages/disable.sh Tests/harness/*.sh Tests/harness/host/*.sh \
	  Tests/harness/host/instances/*.sh
	$(PYTHON_LINT)/ruff check --quiet
	$(PYTHON_LINT)/ruff format --check --quiet
	$(PYTHON_LINT)/mypy --no-error-summary $(PYTHON_PROGRAMS)
	$(SUITE).crash.mutants --check

# The linters are installed again when their versions change.
python-linters: lint-packages
	@test "$$(cat $(PYTHON_LINT)/versions 2>/dev/null)" = "$(PYTHON_LINTERS)" || \
	  { /usr/bin/python3 -m venv .build/lint-venv && \
	    $(PYTHON_LINT)/pip install --quiet $(PYTHON_LINTERS) && \
	    echo "$(PYTHON_LINTERS)" >$(PYTHON_LINT)/versions; }

clean:
	swift package clean

build-packages:
	@Fixtures/need-packages.sh $(build_packages) $(isal_packages)
	@Fixtures/static-isal.sh $(RELEASES_ISAL)

# Installs the packages in the list of the same name. No file of that name is ever made.
%-packages:
	@Fixtures/need-packages.sh $($*_packages)
