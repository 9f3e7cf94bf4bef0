#!/usr/bin/env bash
# Runs memdump on kernels of Debian under qemu, emulated, and writes what holds on each to RESULTS.md beside this script.
#
#   Tests/Kernels/run.sh [--quick] [KERNEL…]
#
#   --quick  fewer checks: what memdump is for, a few kills, limits, denied calls
#   KERNEL   5.10, 6.1, 6.12, backports, testing (whatever these have now), arm64 (the C of the shim alone); all without one
#
# Needs libpcre2-dev, qemu-system-x86, qemu-system-arm, cpio, kmod, xz-utils, zstd, gcc, and for arm64 gcc-aarch64-linux-gnu; kernels are
# fetched from a mirror of Debian (MEMDUMP_MIRROR) into a cache (MEMDUMP_KERNELS, ~/.cache/memdump-kernels).
# One kernel at a time, two processors, 2 GiB; whole, about five minutes for each. Nothing is done to the machine itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=Tests/Kernels

run="$(date -u +%F)\t$(git describe --always --dirty 2>/dev/null || echo unknown)\t$here/run.sh${*:+ $*}"
known=(5.10 6.1 6.12 backports testing arm64)
declare -A suites=(
  [5.10]=bullseye [6.1]=bookworm [6.12]=trixie [backports]=trixie-backports [testing]=forky [arm64]=bookworm)
kernels=() tries=21 quick=()
# A guest for each line. Lockdown and Yama hold until the next boot.
guests=(
  "control basic kills denied memory_v2 frozen swap huge high files suid hidepid userns lockdown yama"
  "memory_v1")
for argument in "$@"; do
  if [ "$argument" = --quick ]; then
    tries=6 quick=(-e quick=yes) guests=("control basic kills denied memory_v2 frozen")
  elif [ -n "${suites[$argument]:-}" ]; then
    kernels+=("$argument")
  else
    echo "usage: $here/run.sh [--quick] [5.10|6.1|6.12|backports|testing|arm64]…" >&2
    exit 64
  fi
done
[ ${#kernels[@]} != 0 ] || kernels=("${known[@]}")

# The logs stay, so that the table has kernels of several runs, each with its date.
logs=.build-kernels
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -pthread)

programs_amd64() {
  Packaging/build.sh "$1/memdump"
  gcc "${flags[@]}" $here/lab/*.c -o "$1/lab"
}
programs_arm64() {
  aarch64-linux-gnu-gcc "${flags[@]}" -static $here/lab/*.c -o "$1/lab"
  find Sources/CProcMem -name '*.c' -print0 |
    xargs -0 aarch64-linux-gnu-gcc "${flags[@]}" -static -ISources/CProcMem/include -o "$1/memdump" $here/shim.c
}

# The guests of a kernel, one after the other.
boot() {
  local root=$1 programs=$2 guest
  shift 2
  for guest in "$@"; do
    # shellcheck disable=SC2086 # a word for each group
    $here/boot.sh "$root" "$programs" 1200 -e "tries=$tries" "${quick[@]}" $guest || true
  done
}

mkdir -p "$logs"
for kernel in "${kernels[@]}"; do
  architecture=amd64 names=("${guests[@]}")
  if [ "$kernel" = arm64 ]; then architecture=arm64 names=(shim); fi
  programs=$work/$architecture
  if ! [ -d "$programs" ]; then mkdir "$programs"; "programs_$architecture" "$programs"; fi
  printf '== %s\n' "$kernel" >&2
  {
    printf "run\\t$run\\n"
    if root=$($here/fetch.sh "${suites[$kernel]}" $architecture 2>"$work/errors"); then
      boot "$root" "$programs" "${names[@]}"
    else
      printf 'unavailable\t%s\n' "$(tail -n 1 "$work/errors")"
    fi
  } | tee "$work/log" >&2
  mv "$work/log" "$logs/$kernel.log"
done

all=()
for kernel in "${known[@]}"; do if [ -e "$logs/$kernel.log" ]; then all+=("$logs/$kernel.log"); fi; done
awk -f $here/table.awk "${all[@]}" | tee $here/RESULTS.md
# Whoever runs it in a script wants to know.
for kernel in "${kernels[@]}"; do if grep -q '^bad' "$logs/$kernel.log"; then exit 1; fi; done
