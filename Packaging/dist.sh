#!/usr/bin/env bash
# Packs memdump-VERSION-ARCH.tar.zst, or .tar.gz where there is no zstd, into dist/, from what stage.sh made.
#
#   Packaging/dist.sh STAGE
set -euo pipefail
stage=$(realpath "$1")
cd "$(dirname "$0")/.."
. Packaging/facts.sh

name=memdump-$version-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name
install -d "$root/completions"
install -m 755 "$stage/memdump" "$root/"
install -m 644 "$stage/memdump.1" README.md CHANGELOG.md SECURITY.md CONTRIBUTING.md LICENSE "$root/"
cp -R docs "$root/docs"
rm -rf "$root/docs/library"
find "$root/docs" -type d -exec chmod 755 {} + -o -exec chmod 644 {} +
# What the program was linked with stands in it, too.
install -m 644 Packaging/debian/copyright "$root/COPYRIGHT"
install -m 644 "$stage/memdump.bash" "$stage/_memdump" "$stage/memdump.fish" "$root/completions/"
(cd "$root" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)

if command -v zstd >/dev/null; then ending=zst compress=(zstd -q -19 -T1); else ending=gz compress=(gzip -9n); fi
rm -f "dist/$name".tar.*
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "$name" |
  "${compress[@]}" >"dist/$name.tar.$ending"
echo "dist/$name.tar.$ending"
