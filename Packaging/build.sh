#!/usr/bin/env bash
# Builds memdump as it is distributed: one file, fully static, stripped, with regular expressions.
#
#   Packaging/build.sh FILE
#
# Needs libpcre2-dev. The commit comes from MEMDUMP_COMMIT, or else from git; without either, as in a tarball, the program
# names none.
set -euo pipefail
output=$(realpath -m "$1")
cd "$(dirname "$0")/.."

. Packaging/facts.sh

known_commit() {
  is_repository || return 0
  local commit
  commit=$(git rev-parse --short=12 HEAD)
  git diff --quiet HEAD -- || commit+=-dirty
  echo "$commit"
}
commit=${MEMDUMP_COMMIT-$(known_commit)}
if ! [[ $commit =~ ^([0-9a-f]{7,40}(-dirty)?)?$ ]]; then echo "MEMDUMP_COMMIT is no commit: $commit" >&2; exit 64; fi

scratch=$PWD/.build-static
own=$scratch/own # what only this build has
mkdir -p "$own" "$(dirname "$output")"

# Not among the sources, where later builds would find the commit of this one. Written where it changes only, so that nothing
# is compiled again without need.
text="#define CBUILD_COMMIT \"$commit\""
[ "$(cat "$own/memdump_commit.h" 2>/dev/null)" = "$text" ] || echo "$text" >"$own/memdump_commit.h"

# ArgumentParser imports FoundationEssentials for one JSON text; see the file. It gets this module under that name.
essentials=CompactEssentials
swiftc -O -wmo -static -parse-as-library -swift-version 6 -module-name $essentials \
  -emit-module -emit-module-path "$own/$essentials.swiftmodule" -c Packaging/essentials/$essentials.swift \
  -o "$own/$essentials.o"

# Swift's own regular expressions are a megabyte that nothing here uses; what a module imports unasked is linked.
swift build -c release --static-swift-stdlib -Xswiftc -static-executable --traits Regex --scratch-path "$scratch" \
  -Xswiftc -Xfrontend -Xswiftc -disable-implicit-string-processing-module-import \
  -Xswiftc -module-alias -Xswiftc FoundationEssentials=$essentials -Xswiftc "-I$own" \
  -Xswiftc -use-ld=lld -Xlinker -T -Xlinker "$PWD/Packaging/no-unwinding.ld" \
  -Xcc "-I$own" -Xlinker "$own/$essentials.o" --product memdump >&2
strip --strip-all --remove-section=.comment --remove-section=.note -o "$output" "$scratch/release/memdump"
