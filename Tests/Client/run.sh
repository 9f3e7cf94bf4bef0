#!/usr/bin/env bash
# Builds the package that docs/library.md shows, as it is written there and outside of this checkout, and runs it.
set -euo pipefail
cd "$(dirname "$0")/../.."

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -p "$room/client/Sources/endpoints"
ln -s "$PWD" "$room/memdump"

# The code of the page behind "**`FILE`**".
block() {
  awk -v name="**\`$1\`**" '
    $0 == name { found = 1; next }
    found && /^```swift$/ { inside = 1; next }
    inside && /^```$/ { exit }
    inside' docs/library.md
}
block Package.swift >"$room/client/Package.swift"
block Sources/endpoints/main.swift >"$room/client/Sources/endpoints/main.swift"
[ -s "$room/client/Package.swift" ] && [ -s "$room/client/Sources/endpoints/main.swift" ]

swift build --quiet --package-path "$room/client"
# The process of the demo, which ends with its standard input.
coproc leak { exec "$(swift build --show-bin-path)/memdump" demo-leak; }
read -r ready <&"${leak[0]}"
[ "$ready" = ready ]
"$(swift build --package-path "$room/client" --show-bin-path)/endpoints" "$leak_PID" | tee "$room/output"
grep -qE '^[0-9]+ 10\.0\.[0-9]+\.[0-9]+:8[0-9]{3}$' "$room/output"
grep -qx 'runs as before: true' "$room/output"
