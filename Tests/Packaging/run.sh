#!/usr/bin/env bash
# Whether the packages of `make dist deb` hold what they promise, in bare roots that it makes itself.
#
#   Tests/Packaging/run.sh DIRECTORY
#
# Needs unshare, chroot, dpkg and busybox-static; with root or with user namespaces. Checks of lintian, mandoc and man are
# skipped where these are not installed, and say so. Takes seconds.
set -euo pipefail
packages=$(realpath "$1")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; failures=$((failures + 1)); }
check() { local what=$1; shift; if "$@" >"$work/log" 2>&1; then echo "ok: $what"; else fail "$what"; cat "$work/log" >&2; fi; }
one() { local found=("$@"); [ ${#found[@]} = 1 ] && [ -e "$1" ] || { echo "not exactly one of ${*}" >&2; exit 1; }; echo "$1"; }

archive=$(one "$packages"/memdump-*.tar.*)
deb=$(one "$packages"/memdump_*.deb)
busybox=$(command -v busybox) || { echo "there is no busybox" >&2; exit 1; }
if file -L "$busybox" 2>/dev/null | grep -q dynamic; then echo "busybox is not static: install busybox-static" >&2; exit 1; fi

# A root with nothing but busybox; what else is to be in it is put there before.
enter() {
  local root=$1
  shift
  mkdir -p "$root"/{bin,dev,proc,tmp}
  # The shell's, for what it starts in the background.
  : >"$root/dev/null"
  cp "$busybox" "$root/bin/busybox"
  local flags=(--mount --pid --fork)
  [ "$(id -u)" = 0 ] || flags+=(--map-root-user)
  # A PID namespace of its own, so that what is started in it ends with it.
  unshare "${flags[@]}" sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /bin/busybox sh -eu -c "$@"' "$root" "$@"
}

# What a user does first, with the path of the program as $0.
tour='
PATH=/bin:/usr/bin; for applet in sleep grep cat test printf; do /bin/busybox ln -sf busybox /bin/$applet; done
memdump=$0
! test -e /lib/x86_64-linux-gnu/libc.so.6 && ! test -e /lib64 && ! test -e /lib/ld-musl-x86_64.so.1
"$memdump" --version | grep -E "^[0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]+(-dirty)?\))?\$"
"$memdump" --version | grep "regex: PCRE2"
"$memdump" doctor | grep -E "^process_vm_readv +yes"
"$memdump" doctor --json | grep "\"name\":\"kernel\",\"offered\":true"
printf "upstream 10.1.2.3:8080 and 10.1.2.3:8080 user=root " >/tmp/text
"$memdump" scan /tmp/text | grep -E "^ +2 .*10\.1\.2\.3:8080"
"$memdump" scan /tmp/text --regex "user=[a-z]+" | grep "user=root"
sleep 1000 & process=$!
"$memdump" regions $process | grep "\[stack\]"
"$memdump" dump $process --region stack --mode stop --sha256 -o /tmp/stack
"$memdump" verify /tmp/stack
"$memdump" status $process | grep "running, 1 thread, none stopped"
'

step "The archive $(basename "$archive")"
mkdir "$work/archive"
case $archive in
  *.zst) zstd -q -d -c "$archive" | tar -x -C "$work/archive" ;;
  *) tar -x -C "$work/archive" -f "$archive" ;;
esac
unpacked=$(one "$work"/archive/*)
check "checksums" sh -c "cd '$unpacked' && sha256sum --strict -c SHA256SUMS"
for name in memdump memdump.1 README.md CHANGELOG.md LICENSE COPYRIGHT docs/recipes.md docs/schemas/error.schema.json completions/{memdump.bash,_memdump,memdump.fish}; do
  check "it has $name, with a checksum" grep -q " $name\$" "$unpacked/SHA256SUMS"
done
check "the program is static" sh -c "! readelf -l '$unpacked/memdump' | grep -E 'INTERP|DYNAMIC'"
check "the program is stripped" sh -c "! readelf -S '$unpacked/memdump' | grep -F .symtab"
check "there is no Foundation in it" sh -c "! grep -a -q FoundationEssentials '$unpacked/memdump'"
size=$(stat -c %s "$unpacked/memdump")
check "the program is 15 MB at most: $size bytes" test "$size" -le 15000000

step "A root that is bare but for busybox, as Alpine's without a C library"
root=$work/bare
mkdir -p "$root/bin"
cp "$unpacked/memdump" "$root/bin/"
check "the tour" enter "$root" "$tour" /bin/memdump

step "The package $(basename "$deb"), installed into a bare root of Debian"
root=$work/debian
mkdir -p "$root"/var/lib/dpkg/{info,updates} "$root/etc"
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
install() { unshare --map-root-user dpkg --root="$root" --force-not-root --force-script-chrootless "$@"; }
if [ "$(id -u)" = 0 ]; then install() { dpkg --root="$root" "$@"; }; fi
check "dpkg installs it" install --install "$deb"
for name in bin/memdump share/man/man1/memdump.1.gz share/doc/memdump/{README.md,docs/recipes.md,copyright,changelog.gz,changelog.Debian.gz} \
  share/bash-completion/completions/memdump share/zsh/vendor-completions/_memdump \
  share/fish/vendor_completions.d/memdump.fish; do
  check "it has $name" test -s "$root/usr/$name"
done
check "the files are as they were packed" install --verify memdump
check "the tour" enter "$root" "$tour" /usr/bin/memdump
check "dpkg removes it" install --purge memdump
check "nothing is left of it" sh -c "! find '$root/usr' -name '*memdump*' | grep ."

step "What the tools of packagers say"
if command -v lintian >/dev/null; then
  check "lintian" lintian --allow-root --fail-on error,warning "$deb"
else
  echo "skipped: there is no lintian"
fi
if command -v mandoc >/dev/null; then
  check "mandoc -Tlint" sh -c "! mandoc -Tlint -Wwarning '$unpacked/memdump.1' | grep ."
else
  echo "skipped: there is no mandoc"
fi
if command -v man >/dev/null; then
  check "man --warnings" sh -c "! LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -l -Tutf8 '$unpacked/memdump.1' 2>&1 >/dev/null | grep ."
else
  echo "skipped: there is no man"
fi
for shell in bash zsh fish; do
  script=$(one "$unpacked"/completions/*memdump$([ $shell = zsh ] || echo ".$shell"))
  if command -v $shell >/dev/null; then check "$shell reads its completions" $shell -n "$script"; fi
done

# As bash calls a completion: the line, its words, and the one that the cursor is behind.
complete_pid='
PATH=$1:$PATH pid=$BASHPID
. "$1/completions/memdump.bash"
COMP_LINE="memdump status $pid" COMP_WORDS=(memdump status $pid) COMP_CWORD=2 COMPREPLY=()
COMP_POINT=${#COMP_LINE}
_memdump memdump "$pid" status
printf "%s\n" "${COMPREPLY[@]}" | grep -E "^${pid}( |\$)"
'
check "bash completes a PID" bash -c "$complete_pid" bash "$unpacked"

step "The rights of containers"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && python3 -c 'import yaml' 2>/dev/null; then
  check "the rights in the YAML" Tests/Packaging/rights.py "$unpacked/memdump"
else
  echo "skipped: needs root, setpriv and python3-yaml"
fi

if [ $failures != 0 ]; then printf '\n%s checks failed\n' $failures >&2; exit 1; fi
printf '\nall checks passed\n'
