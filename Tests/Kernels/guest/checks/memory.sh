# Little memory: limits of control groups, swap, frozen groups, and file systems without a size.

# both LABEL GROUP: tool and target in one group of 320 MiB, of which the target has 200
both() {
  row "$1: a copy without a look at the limit kills (control)"
  AS="ingroup $2"; start both fill=200; AS=
  place fill both
  ingroup "$2" lab copy "$P" "${at%+*}" "${at#*+}" >c 2>&1
  status=$?
  if [ $status = 0 ]; then fail "both lived: the limit is none: $(cat c)"; fi
  mark="copy: status $status; target: $(lab check "$P" "$S" 2>&1 | cut -d';' -f1)"
  finish
  for sub in "scan --mode live --top 1" "scan --mode snapshot --top 1" "scan --mode stop --top 1" "heap --top 1" \
    "dump --mode stop --region @ --force -o -" "watch --every 300ms --count 3"; do
    row "$1, tool and target in one group: ${sub%% @*}, the target lives"
    AS="ingroup $2"; start both fill=200; AS=
    place fill both
    RUN="ingroup $2"
    must "0 1 2 4" ${sub%% *} "$P" $(pause "$sub") $(echo "${sub#* }" | sed "s/@/$at/") >/dev/null
    RUN=
    [ $status != 2 ] || says "not enough memory|memory may be needed"
    [ $status != 2 ] || mark=$(brief)
    runs
    finish
  done
}

# alone LABEL GROUP: the tool alone in a group of 64 MiB
alone() {
  start big fill=200
  place fill big
  for sub in "scan --mode live" "scan --mode snapshot" "scan --mode stop" "heap"; do
    row "$1, tool alone in 64 MiB: $sub"
    RUN="ingroup $2"
    # A copy has no room, all else is done.
    must "$([ "$sub" = "scan --mode stop" ] && echo 2 || echo 0 1)" $sub "$P" $(pause "$sub") --top 1
    RUN=
    [ $status != 2 ] || says "not enough memory|memory may be needed"
    [ $status != 2 ] || mark=$(brief)
    runs
  done
  finish
}

memory_v2() {
  echo 0 >/proc/sys/vm/swappiness
  root=/sys/fs/cgroup
  [ -e $root/cgroup.controllers ] && grep -q memory $root/cgroup.subtree_control || { none "limit, v2" "no memory controller"; return; }
  mkdir -p $root/both $root/tool $root/near
  echo 320M >$root/both/memory.max
  echo 64M >$root/tool/memory.max
  echo 120M >$root/near/memory.max
  both "limit, v2" $root/both
  alone "limit, v2" $root/tool
  row "limit, v2: the target near its own limit, three modes"
  AS="ingroup $root/near"; start near fill=100; AS=
  place fill near
  for mode in live stop snapshot; do
    must "$([ $mode = snapshot ] && echo 2 || echo 0)" dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o d.$mode
    runs
  done
  says "its control group has .* left"
  same "OOM kills" "$(sed -n 's/^oom_kill //p' $root/near/memory.events)" 0
  finish
  rmdir $root/both $root/tool $root/near
}

# In a guest of its own: a controller can be had by v1 while no group of v2 has it, and those that are gone linger.
memory_v1() {
  echo -memory >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
  rmdir /sys/fs/cgroup/* 2>/dev/null
  umount /sys/fs/cgroup 2>/dev/null
  mount -t tmpfs none /sys/fs/cgroup
  root=/sys/fs/cgroup/memory
  mkdir -p $root
  for i in $(seq 50); do mount -t cgroup -o memory none $root 2>o && break; usleep 100000; done
  if ! grep -q " $root cgroup " /proc/mounts; then
    none "limit, v1" "this kernel has no memory controller of v1: $(brief)"
  else
    mkdir -p $root/both $root/tool
    echo 320M >$root/both/memory.limit_in_bytes
    echo 64M >$root/tool/memory.limit_in_bytes
    both "limit, v1" $root/both
    alone "limit, v1" $root/tool
    rmdir $root/both $root/tool
    umount $root
  fi
  umount /sys/fs/cgroup
  mount_v2
}

# ice LABEL WORD: looks at P, whose group is frozen; WORD thaws it
ice() {
  row "$1: status, regions, scan live"
  must "0 1" status "$P"
  says frozen
  says "echo $2 > /"
  must 0 regions "$P" --all
  must "0 1" scan "$P" --top 1
  row "$1: hold, dump --mode stop, and it is not called running"
  must "0 3" hold "$P" --for 300ms
  says_not 'now +running|now: running'
  must "0 4" dump "$P" --region "$at" --mode stop --max-pause 20s --force -o d.stop
  says_not '(before|after) +running'
  row "$1: snapshot refused, rescue names the word"
  must 2 scan "$P" --mode snapshot --top 1
  says "control group is frozen"
  must 2 rescue "$P"
  says "echo $2 > /"
}

frozen() {
  group_dir=/sys/fs/cgroup/ice
  mkdir -p $group_dir
  AS="ingroup $group_dir"; start ice fill=4; AS=
  place fill ice
  echo 1 >$group_dir/cgroup.freeze
  for i in $(seq 50); do grep -q 'frozen 1' $group_dir/cgroup.events && break; usleep 100000; done
  ice "frozen, v2" 0
  row "frozen, v2: thawed, it runs"
  echo 0 >$group_dir/cgroup.freeze
  runs
  says_zombies
  finish
  mkdir -p /tmp/freezer
  mount -t cgroup -o freezer none /tmp/freezer 2>/dev/null || { none "frozen, v1" "this kernel has no freezer of v1"; return; }
  umount /tmp/freezer
  umount /sys/fs/cgroup
  mount -t tmpfs none /sys/fs/cgroup
  group_dir=/sys/fs/cgroup/freezer
  mkdir -p $group_dir
  mount -t cgroup -o freezer none $group_dir
  mkdir -p $group_dir/ice
  AS="ingroup $group_dir/ice"; start ice1 fill=4; AS=
  place fill ice1
  echo FROZEN >$group_dir/ice/freezer.state
  for i in $(seq 50); do grep -q FROZEN $group_dir/ice/freezer.state && break; usleep 100000; done
  ice "frozen, v1" THAWED
  row "frozen, v1: thawed, it runs"
  echo THAWED >$group_dir/ice/freezer.state
  runs
  says_zombies
  finish
  umount $group_dir
  umount /sys/fs/cgroup
  mount_v2
}
says_zombies() { grep -q 'children 0,' c || fail "children are left: $(cat c)"; }

swap() {
  if ! [ -b /dev/vda ] || ! mkswap /dev/vda >o 2>&1 || ! swapon /dev/vda >o 2>&1; then none swap "no swap: $(brief)"; return; fi
  echo 60 >/proc/sys/vm/swappiness
  group_dir=/sys/fs/cgroup/sw
  mkdir -p $group_dir
  AS="ingroup $group_dir"; start sw fill=60; AS=
  place fill sw
  echo 20M >$group_dir/memory.high
  swapped=0
  for i in $(seq 100); do swapped=$(swapped_kib); [ "$swapped" -gt 20000 ] && break; usleep 200000; done
  echo max >$group_dir/memory.high
  for mode in live stop snapshot; do
    row "swap: $mode brings nothing in"
    [ "$swapped" -gt 20000 ] || fail "only $swapped kB are swapped"
    before=$(swapped_kib)
    must "0 4" dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o d.$mode
    same "swapped, in kB" "$(swapped_kib)" "$before"
    runs
  done
  row "swap: --swap does (control)"
  must "0 4" dump "$P" --region "$at" --swap --force -o d.swap
  [ "$(swapped_kib)" -lt "$before" ] || fail "$(swapped_kib) kB are swapped, and were $before"
  whole d.swap
  finish
  swapoff /dev/vda
}
# Of the region alone, which the target does not touch; it brings in others itself.
swapped_kib() {
  start=${at%+*}
  sed -n "/^${start#0x}-/,/^VmFlags/p" /proc/"$P"/smaps | sed -n 's/^Swap:[^0-9]*\([0-9]*\).*/\1/p'
}

files() {
  start fs fill=4
  place fill fs
  mkdir -p /tmp/ram
  mount -t ramfs none /tmp/ram
  row "ramfs, which has no size: dumps, core, verify"
  for mode in live stop snapshot; do
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) -o /tmp/ram/d.$mode
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o /tmp/ram/d.$mode
    whole /tmp/ram/d.$mode
  done
  must 0 dump "$P" --all -o /tmp/ram/d.core
  must 0 verify /tmp/ram/d.core
  must 2 dump "$P" --region "$at" -o /tmp/ram/d.live
  same "files left" "$(ls -A /tmp/ram | grep -vc '^d\.')" 0
  umount /tmp/ram
  finish
}
