#!/usr/bin/env bash
# The C of the project under AddressSanitizer and UBSan: the scan kernels over arrays of exactly their length, for SECONDS (10),
# and the shim with its holder on a real process. Needs gcc with its sanitizers, and the permission to trace.
#
#   Tests/Sanitizers/run.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=gnu11 -O1 -g -Wall -Wextra -Werror -pthread -fsanitize=address,undefined -fno-sanitize-recover=all)
# A holder that is killed, or ends at once, has nothing to free.
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1

gcc "${flags[@]}" -ISources/CScanKernels/include -o "$work/kernels" Tests/Sanitizers/kernels.c Sources/CScanKernels/*.c
"$work/kernels" "${1:-10}"

find Sources/CProcMem -name '*.c' -print0 |
  xargs -0 gcc "${flags[@]}" -ISources/CProcMem/include -o "$work/shim" Tests/Kernels/shim.c
sleep 1000 &
target=$!
trap 'kill "$target"; rm -rf "$work"' EXIT
until grep -q '^State:.*sleeping' "/proc/$target/status"; do :; done
if ! grep -q '^Uid:[[:space:]]*0' /proc/self/status && [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" != 0 ]; then
  echo "skipped: the shim, there is no permission to trace"
  exit
fi
for act in "hold $target 50" "registers $target" "snapshot $target"; do
  # shellcheck disable=SC2086 # words
  "$work/shim" $act
done
grep '^State:.*sleeping' "/proc/$target/status" >/dev/null
echo "the shim holds, reads registers and lets go"
