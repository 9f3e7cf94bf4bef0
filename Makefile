# What is done with a checkout. Tests/run.sh is what CI runs.

.PHONY: check test bench fuzz faults docs kernels nginx-leak hunts stage dist deb check-packages

# Format, build without a warning, the tests; installs nothing.
check:
	Tests/run.sh --no-install

# The same, after installing what the tests need (Debian packages, as root).
test:
	Tests/run.sh

# Ratios against peers and limits, in one run: make bench SUITES="scan pause"
bench:
	Tests/Benchmarks/run.sh $(SUITES)

# Every fuzz target for SECONDS seconds each.
SECONDS ?= 60
fuzz:
	Tests/Fuzz/run.sh $(SECONDS)

# System calls that fail, one after the other: make faults OPTIONS="--full dump-snapshot"
faults:
	Tests/Faults/run.sh $(OPTIONS)

# What holds on Debian's kernels, emulated by qemu: make kernels KERNELS="6.1 arm64"
kernels:
	Tests/Kernels/run.sh $(KERNELS)

# An nginx of Debian whose worker leaks, to hunt in; prints the worker's PID: make nginx-leak OPTIONS="--reclaim destroy"
nginx-leak:
	@Tests/Fixtures/nginx-leak/run.sh $(OPTIONS)

# Hunts in every leak of Tests/Fixtures/leaks, beside the truth: make hunts OPTIONS="--fixed --peers nginx-poll sessions"
hunts:
	swift build --product memdump
	Tests/Hunts/run.py --memdump "$$(swift build --show-bin-path)/memdump" $(OPTIONS)

# The library's documentation, into docs/library.
docs:
	swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members
	rm -rf .build/docs-symbols && mkdir -p .build/docs-symbols
	find .build -path .build/docs-symbols -prune -o \( -name 'MemDump.symbols.json' -o -name 'MemDump@*.symbols.json' \) \
	  -exec cp {} .build/docs-symbols/ \;
	docc convert Sources/MemDump/MemDump.docc --warnings-as-errors --output-path docs/library \
	  --additional-symbol-graph-dir .build/docs-symbols \
	  --fallback-display-name MemDump --fallback-bundle-identifier memdump.MemDump

# What is distributed, into dist/: the static program with its manual page and completions, packed; and as a package of Debian.
stage:
	Packaging/stage.sh dist/stage
dist: stage
	Packaging/dist.sh dist/stage
deb: stage
	Packaging/deb.sh dist/stage

# Whether both packages hold what they promise, in bare roots. No part of check: the static build takes minutes.
check-packages: dist deb
	Tests/Packaging/run.sh dist
