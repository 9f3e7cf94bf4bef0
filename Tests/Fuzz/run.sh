#!/usr/bin/env bash
# Builds the fuzz targets and runs each for SECONDS (60 by default), starting from its seeds and the inputs that failed once.
#
#   Tests/Fuzz/run.sh [SECONDS [TARGET…]]
#
# Needs libpcre2-dev, for the target `regex`.
# An input that makes a target fail is kept in FailCases/TARGET. Prints a line per target; fails when one of them failed.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for directory in Seeds/*/; do targets+=("$(basename "$directory")"); done
fi

# Swift's own handler of traps would end the process before the fuzzer has kept the input.
export SWIFT_BACKTRACE=enable=no

swift build -c release --sanitize=fuzzer
binaries=$(swift build -c release --sanitize=fuzzer --show-bin-path)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

printf '%-10s %12s %10s %10s %8s\n' target runs exec/s coverage failures
for target in "${targets[@]}"; do
  mkdir -p "$work/$target" "FailCases/$target"
  before=$(find "FailCases/$target" -type f | wc -l)
  failed=no
  # New inputs go to the first directory only.
  "$binaries/fuzz-$target" "$work/$target" "Seeds/$target" "FailCases/$target" \
    -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="FailCases/$target/" >"$work/$target.log" 2>&1 || failed=yes
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")
  speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$work/$target.log")
  # How deep the stacks were, of the target that counts that.
  depth=$(sed -n 's/^stat::mean_depth: */mean depth /p' "$work/$target.log")
  coverage=$(grep -oE 'cov: [0-9]+' "$work/$target.log" | tail -1 | cut -d' ' -f2 || true)
  after=$(find "FailCases/$target" -type f | wc -l)
  printf '%-10s %12s %10s %10s %8s  %s\n' \
    "$target" "${runs:-0}" "${speed:-0}" "${coverage:-0}" "$((after - before))" "$depth"
  if [ $failed = yes ]; then
    tail -20 "$work/$target.log" >&2
    status=1
  fi
done
exit "$status"
