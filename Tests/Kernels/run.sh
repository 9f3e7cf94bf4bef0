#!/usr/bin/env bash
# Runs memdump on kernels of Debian under qemu, emulated, and writes what holds on each to RESULTS.md beside this script.
#
#   Tests/Kernels/run.sh [--quick] [KERNEL…]
#
#   --quick  fewer checks: what memdump is for, a few kills, limits, denied calls
#   KERNEL   5.10, 6.1, 6.12, backports, testing (whatever these have now), arm64 (the C of the shim alone); all without one
#
# Needs qemu-system-x86, qemu-system-arm, cpio, kmod, xz-utils, zstd, gcc, and for arm64 gcc-aarch64-linux-gnu; kernels are
# fetched from a mirror of Debian (MEMDUMP_MIRROR) into a cache (MEMDUMP_KERNELS, ~/.cache/memdump-kernels).
# One kernel at a time, two processors, 2 GiB; whole, about five minutes for each. Nothing is done to the machine itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=Tests/Kernels

command="$here/run.sh${*:+ $*}"
declare -A suites=(
  [5.10]=bullseye [6.1]=bookworm [6.12]=trixie [backports]=trixie-backports [testing]=forky [arm64]=bookworm)
kernels=() quick=no tries=21
groups=(
  control basic kills denied memory_v2 frozen memory_v1 swap huge high files suid hidepid userns
  # These two hold until the next boot.
  lockdown yama)
for argument in "$@"; do
  if [ "$argument" = --quick ]; then
    quick=yes tries=6 groups=(control basic kills denied memory_v2 frozen)
  elif [ -n "${suites[$argument]:-}" ]; then
    kernels+=("$argument")
  else
    echo "usage: $here/run.sh [--quick] [5.10|6.1|6.12|backports|testing|arm64]…" >&2
    exit 64
  fi
done
[ ${#kernels[@]} != 0 ] || kernels=(5.10 6.1 6.12 backports testing arm64)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -pthread)

programs_amd64() {
  swift build -c release --static-swift-stdlib -Xswiftc -static-executable --scratch-path .build-static \
    --product memdump >&2
  strip -o "$1/memdump" .build-static/release/memdump
  gcc "${flags[@]}" $here/lab/*.c -o "$1/lab"
}
programs_arm64() {
  aarch64-linux-gnu-gcc "${flags[@]}" -static $here/lab/*.c -o "$1/lab"
  find Sources/CProcMem -name '*.c' -print0 |
    xargs -0 aarch64-linux-gnu-gcc "${flags[@]}" -static -ISources/CProcMem/include -o "$1/memdump" $here/shim.c
}

for kernel in "${kernels[@]}"; do
  architecture=amd64 names=("${groups[@]}") log=$work/$kernel.log
  if [ "$kernel" = arm64 ]; then architecture=arm64 names=(shim); fi
  programs=$work/$architecture
  if ! [ -d "$programs" ]; then mkdir "$programs"; "programs_$architecture" "$programs"; fi
  printf '== %s\n' "$kernel" >&2
  if root=$($here/fetch.sh "${suites[$kernel]}" $architecture 2>"$work/errors"); then
    variables=(-e "tries=$tries")
    [ $quick = no ] || variables+=(-e quick=yes)
    $here/boot.sh "$root" "$programs" 1200 "${variables[@]}" "${names[@]}" | tee "$log" >&2 || true
  else
    printf 'unavailable\t%s\n' "$(tail -n 1 "$work/errors")" | tee "$log" >&2
  fi
done

logs=()
for kernel in "${kernels[@]}"; do logs+=("$work/$kernel.log"); done
awk -v command="$command" -v date="$(date -u +%F)" -v commit="$(git describe --always --dirty)" -f $here/table.awk \
  "${logs[@]}" | tee $here/RESULTS.md
# Whoever runs it in a script wants to know.
! grep -q '^bad' "${logs[@]}"
