#!/usr/bin/env bash
# Builds memdump as it is distributed: one file, fully static, stripped, with regular expressions.
#
#   Packaging/build.sh FILE
#
# Needs libpcre2-dev. The commit comes from git, or from MEMDUMP_COMMIT where there is no git, as in a tarball; without
# either, the program does not name one.
set -euo pipefail
output=$(realpath -m "$1")
cd "$(dirname "$0")/.."

known_commit() {
  local commit
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || return 0
  git diff --quiet HEAD -- 2>/dev/null || commit+=-dirty
  echo "$commit"
}
commit=${MEMDUMP_COMMIT-$(known_commit)}
if ! [[ $commit =~ ^([0-9a-f]{7,40}(-dirty)?)?$ ]]; then echo "MEMDUMP_COMMIT is no commit: $commit" >&2; exit 64; fi

# Written where it changes only, so that nothing is compiled again without need.
header=Sources/CBuild/commit.h
text="#define CBUILD_COMMIT \"$commit\""
[ "$(cat $header 2>/dev/null)" = "$text" ] || echo "$text" >$header

# ArgumentParser imports FoundationEssentials for one JSON text; see the file. It gets this module under that name.
scratch=$PWD/.build-static essentials=CompactEssentials
mkdir -p "$scratch/essentials" "$(dirname "$output")"
swiftc -O -wmo -static -parse-as-library -swift-version 6 -module-name $essentials \
  -emit-module -emit-module-path "$scratch/essentials/$essentials.swiftmodule" \
  -c Packaging/essentials/$essentials.swift -o "$scratch/essentials/$essentials.o"

swift build -c release --static-swift-stdlib -Xswiftc -static-executable --traits Regex --scratch-path "$scratch" \
  -Xswiftc -module-alias -Xswiftc FoundationEssentials=$essentials -Xswiftc "-I$scratch/essentials" \
  -Xlinker "$scratch/essentials/$essentials.o" --product memdump >&2
strip --strip-all --remove-section=.comment --remove-section=.note -o "$output" "$scratch/release/memdump"
