#!/usr/bin/env bash
# Packs memdump_VERSION-1_ARCH.deb into dist/, from what stage.sh made; with dpkg-deb alone.
#
#   Packaging/deb.sh STAGE
#
# The maintainer is DEBFULLNAME <DEBEMAIL>, or who git says that you are.
set -euo pipefail
stage=$(realpath "$1")
cd "$(dirname "$0")/.."
. Packaging/facts.sh

maintainer="${DEBFULLNAME:-$(git config user.name 2>/dev/null || echo 'The memdump authors')}"
maintainer+=" <${DEBEMAIL:-$(git config user.email 2>/dev/null || echo memdump@localhost.localdomain)}>"
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
umask 022

put() { install -D -m 644 "$1" "$work/$2"; }
pack() { install -d "$(dirname "$work/$1")" && gzip -9n >"$work/$1"; }
install -D -m 755 "$stage/memdump" "$work/usr/bin/memdump"
pack usr/share/man/man1/memdump.1.gz <"$stage/memdump.1"
put "$stage/memdump.bash" usr/share/bash-completion/completions/memdump
put "$stage/_memdump" usr/share/zsh/vendor-completions/_memdump
put "$stage/memdump.fish" usr/share/fish/vendor_completions.d/memdump.fish
put README.md usr/share/doc/memdump/README.md
for page in docs/*.md docs/schemas/*.json; do put "$page" "usr/share/doc/memdump/$page"; done
put Packaging/debian/copyright usr/share/doc/memdump/copyright
put Packaging/debian/lintian-overrides usr/share/lintian/overrides/memdump
pack usr/share/doc/memdump/changelog.gz <CHANGELOG.md
pack usr/share/doc/memdump/changelog.Debian.gz <<END
memdump ($version-1) unstable; urgency=medium

  * memdump $version, as one static program; see changelog.gz for what is new.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END

# What of Debian the program was linked with, as policy 7.8 wants it.
linked=$(dpkg-query -W -f '${db:Status-Abbrev}${source:Package} (= ${source:Version})\n' \
  libc6-dev libpcre2-dev 'libstdc++-*-dev' 2>/dev/null | sed -n 's/^ii //p' | sort -u | paste -sd, | sed 's/,/, /g')
install -d "$work/DEBIAN"
cat >"$work/DEBIAN/control" <<END
Package: memdump
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size "$work/usr" | cut -f 1)
${linked:+Built-Using: $linked
}Section: devel
Priority: optional
Description: look into the memory of live processes without leaving them stopped
 memdump lists the regions of a process's memory, copies them to files and ELF
 cores, and scans processes, dumps and cores for endpoints, texts and regular
 expressions. It shows what the malloc heap is made of, who holds blocks of it,
 and what grows, while the process goes on working.
 .
 This is one static program. It needs no other package and no debug symbols.
END
(cd "$work" && find usr -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums)
find "$work" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
package=dist/memdump_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$work" "$package" >/dev/null
echo "$package"
