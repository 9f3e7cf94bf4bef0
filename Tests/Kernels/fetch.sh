#!/usr/bin/env bash
# Fetches the newest kernel of a release of Debian, and busybox, unpacks them and prints the folder. What is in the cache
# (MEMDUMP_KERNELS) is not fetched again.
#
#   Tests/Kernels/fetch.sh SUITE amd64|arm64
#
# By apt-get with lists of its own, so that the machine's sources do not matter and stay as they are.
set -euo pipefail
suite=$1 architecture=$2
cache=${MEMDUMP_KERNELS:-${XDG_CACHE_HOME:-$HOME/.cache}/memdump-kernels}
mirror=${MEMDUMP_MIRROR:-http://deb.debian.org/debian}
home=$cache/$suite-$architecture
mkdir -p "$home"/{lists/partial,archives/partial}

if ! [ -e "$home/root/whole" ]; then
  # Backports have kernels, and not busybox.
  for source in "$suite" "${suite%-backports}"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $source main"
  done | sort -u >"$home/sources"
  options=(
    -o "Dir::Etc::sourcelist=$home/sources" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o "Dir::State=$home" -o Dir::State::status=/dev/null -o "Dir::Cache=$home" -o "APT::Default-Release=$suite"
    -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o Acquire::Languages=none
    -o APT::Sandbox::User=root -qq)
  apt-get "${options[@]}" update >&2
  # Its newest kernel, which since 7.2 is in several packages.
  apt-cache "${options[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "linux-image-$architecture" | grep -E '^linux-(image|binary|modules)-[0-9]' | sort -u >"$home/packages"
  [ -s "$home/packages" ]
  # The shell of the guest, whose processor need not be ours.
  echo busybox-static >>"$home/packages"
  (cd "$home/archives" && xargs apt-get "${options[@]}" download <"$home/packages" >&2)
  rm -rf "$home/root"
  for package in "$home"/archives/*.deb; do
    dpkg-deb -x "$package" "$home/root"
    rm -- "$package"
  done
  modules=$(find "$home/root" -type d -path '*/lib/modules/*' -prune | head -n 1)
  depmod -b "${modules%/lib/modules/*}" "$(basename "$modules")" 2>/dev/null
  touch "$home/root/whole"
fi
echo "$home/root"
