#!/usr/bin/env bash
# Makes what every package has, in a directory: the program, its manual page, its completions.
#
#   Packaging/stage.sh DIRECTORY
set -euo pipefail
directory=$(realpath -m "$1")
cd "$(dirname "$0")/.."
. Packaging/facts.sh

rm -rf "$directory"
mkdir -p "$directory"
memdump=$directory/memdump
Packaging/build.sh "$memdump"
"$memdump" --experimental-dump-help | Packaging/manual.py Packaging/memdump.1.in "$version" >"$directory/memdump.1"
# It is read, not run, and needs no line that says by what.
"$memdump" --generate-completion-script bash | sed '1{/^#!/d}' >"$directory/memdump.bash"
"$memdump" --generate-completion-script zsh >"$directory/_memdump"
"$memdump" --generate-completion-script fish >"$directory/memdump.fish"
