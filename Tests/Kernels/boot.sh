#!/usr/bin/env bash
# Boots a kernel in qemu, emulated, with guest/init as its only program, and prints what that prints.
#
#   Tests/Kernels/boot.sh KERNEL PROGRAMS SECONDS GROUP…
#
#   KERNEL    what fetch.sh unpacked
#   PROGRAMS  a folder with memdump (fully static) and lab
#   SECONDS   after which the guest is ended
#   GROUP     functions of guest/checks; `-e NAME=VALUE` goes to the guest as a variable
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 programs=$2 seconds=$3
shift 3
image=$(find "$kernel" -name 'vmlinuz*' -type f | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc}
cp -- "$kernel"/*bin/busybox "$kernel"/usr/*bin/busybox "$root/bin/" 2>/dev/null || [ -e "$root/bin/busybox" ]
cp -- "$programs"/* "$root/bin/"
for name in sh mount; do ln -s busybox "$root/bin/$name"; done
# What lab is linked with: its heap has to be that of glibc, found in a library as in most programs.
for file in $(ldd "$programs/lab" 2>/dev/null | grep -o '/[^ ]*'); do
  mkdir -p "$root$(dirname "$file")"
  cp -L -- "$file" "$root$file"
done
cp -r -- "$here/guest/checks" "$root/etc/"
install -m 755 "$here/guest/init" "$root/init"
echo 'root:x:0:0::/:/bin/sh' >"$root/etc/passwd"

# The disk to swap to wants two modules, and what they want, in order.
modules=$(find "$kernel" -type d -path '*/lib/modules/*' -prune | head -n 1)
for name in virtio_pci virtio_blk; do
  grep -oE "^[^:]*/$name\.ko[^:]*:.*" "$modules/modules.dep" | tr -d : | tr ' ' '\n' | tac || true
done | awk '!seen[$0]++ && NF' | while read -r file; do
  name=$(basename "$file")
  case $file in
    *.xz) xz -dc "$modules/$file" ;;
    *.zst) zstd -dcq "$modules/$file" ;;
    *) cat "$modules/$file" ;;
  esac >"$root/etc/${name%%.ko*}.ko"
  echo "/etc/${name%%.ko*}.ko" >>"$root/etc/modules"
done
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initramfs"
truncate -s 256M "$work/disk"

# `max` has addresses of 57 bits, which the group `high` wants.
case $(basename "$image") in
  *arm64) machine=(qemu-system-aarch64 -machine virt,gic-version=3 -cpu max,pauth-impdef=on) console=ttyAMA0 ;;
  *) machine=(qemu-system-x86_64 -cpu max) console=ttyS0 ;;
esac
variables=() groups=()
while [ $# != 0 ]; do
  if [ "$1" = -e ]; then variables+=("$2"); shift; else groups+=("$1"); fi
  shift
done
list=$(IFS=,; echo "${groups[*]}")
# -serial stdio wants a terminal's manners of its input; a file has none.
nice -n 10 timeout "$seconds" "${machine[@]}" -accel tcg,thread=multi -smp 2 -m 2048 -display none -monitor none \
  -serial file:/dev/stdout -no-reboot -nic none -kernel "$image" -initrd "$work/initramfs" \
  -append "console=$console quiet panic=-1 hugepages=48 groups=$list ${variables[*]}" \
  -drive "file=$work/disk,format=raw,if=none,id=disk" -device virtio-blk-pci,drive=disk </dev/null |
  sed -nu 's/\r//g; /^== begin/,/^== end/p'
