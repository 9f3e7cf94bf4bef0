#!/usr/bin/env bash
# Builds the tool, the fixture and the benchmarks in release mode, runs the suites and prints Markdown tables.
#
#   Tests/Benchmarks/run.sh [--keep] [--static] [option…] [suite…]
#
#   --keep    writes what is printed to RESULTS.md beside this script, too, if all suites came to an end
#   --static  measures the tool built fully static, which starts faster; in the suite startup both builds
#   Suites: scan, patterns, needles, strings, rows, live, dump, pause, requests, allocs, startup, holders,
#   mappings, heaps, runtimes; all without one. Options: see `benchmark` with a wrong option.
#
# Needs the permission to read and trace a process of the same user. Peers that are not installed are left out.
# Ratios are what to look at; the absolute numbers are of one machine at one moment. Wait for a low load.
set -euo pipefail
cd "$(dirname "$0")/../.."

command="Tests/Benchmarks/run.sh${*:+ $*}"
keep=no
arguments=()
for argument in "$@"; do
  case $argument in
    --keep) keep=yes ;;
    --static)
      # As it is distributed, and as the peers are.
      Packaging/build.sh .build-static/memdump
      arguments+=(--static "$PWD/.build-static/memdump")
      ;;
    *) arguments+=("$argument") ;;
  esac
done

traits=()
if pkg-config --exists libpcre2-8; then traits=(--traits Regex); fi
swift build -c release "${traits[@]}" --product memdump >&2
swift build -c release --product target-process >&2
swift build -c release --product held-blocks >&2
swift build -c release --package-path Tests/Benchmarks >&2
built=$(swift build -c release --show-bin-path)
benchmark=$(swift build -c release --package-path Tests/Benchmarks --show-bin-path)/benchmark

output=$(mktemp)
trap 'rm -f "$output"' EXIT
"$benchmark" --memdump "$built/memdump" --target "$built/target-process" --command "$command" "${arguments[@]}" |
  tee "$output"
if [ "$keep" = yes ]; then cp "$output" Tests/Benchmarks/RESULTS.md; fi
