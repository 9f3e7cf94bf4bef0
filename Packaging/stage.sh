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
"$memdump" --generate-completion-script bash >"$directory/memdump.bash"
"$memdump" --generate-completion-script zsh >"$directory/_memdump"
"$memdump" --generate-completion-script fish >"$directory/memdump.fish"
