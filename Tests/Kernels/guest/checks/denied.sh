# System calls that a filter over the tool denies, as container profiles and old kernels do. By number, of x86_64.

denied() {
  start denied fill=4
  place fill denied
  row "control: a denied call fails"
  if lab deny 1 2,257 -- cat /proc/"$P"/status >o 2>&1; then fail "cat reads a file without open(2)"; fi
  deny "process_vm_* EPERM" 1 310,311
  works
  deny "ptrace EPERM" 1 101
  untraceable "a seccomp filter over memdump itself"
  deny "ptrace, process_vm_* EPERM (old containers)" 1 310,311,101
  untraceable "a seccomp filter over memdump itself"
  deny "pidfd_*, close_range, openat2, memfd_create, statx EPERM" 1 424,434,438,436,437,319,439,441,448
  works
  deny "clone3 EPERM (old Docker): no thread, so no snapshot" 1 435
  must 0 scan "$P" --pattern ipv4-port --top 1
  must 0 dump "$P" --region "$at" --mode stop --max-pause 20s --force -o d.stop
  whole d.stop
  must 2 dump "$P" --region "$at" --mode snapshot --force -o d.snapshot
  says "cannot start a thread.*clone3"
  runs
  deny "pidfd_* ENOSYS" 38 424,434
  works
  deny "all calls newer than 3.10 ENOSYS" 38 "$(seq 313 462 | grep -vE '^(322|335)$' | tr '\n' ',' | sed 's/,$//')"
  works
  if [ -z "$quick" ]; then
    deny "ptrace, process_vm_* ENOSYS" 38 310,311,101
    untraceable "a seccomp filter over memdump itself"
    deny "ioctl ENOTTY (no PAGEMAP_SCAN)" 25 16
    works
    deny "mlock*, setpriority, setsid, sched_setscheduler EPERM" 1 325,149,151,141,112,144
    works
    deny "statx, fallocate, renameat2, copy_file_range ENOSYS" 38 332,285,316,326
    works
    deny "kill, pidfd_send_signal EPERM" 1 62,424
    works
  fi
  deny "timer_create EPERM" 1 222
  untraceable "timer"
  deny "linkat EPERM" 1 265
  must 2 dump "$P" --region "$at" --force -o d.live
  says_not "cannot rename"
  says "cannot give a name to .*linkat"
  RUN=
  finish
}
deny() { RUN=; row "denied: $1"; RUN="lab deny $2 $3 --"; }

works() {
  must 0 status "$P"
  must 0 scan "$P" --pattern ipv4-port --top 1
  for mode in live stop snapshot; do
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o d.$mode
    whole d.$mode
  done
  must 0 dump "$P" --all --mode stop --max-pause 20s --force -o d.core
  must 0 hold "$P" --for 300ms
  must 1 rescue "$P"
  runs
}

# untraceable REASON: reading works, and each stop is refused with the reason
untraceable() {
  must 0 dump "$P" --region "$at" --force -o d.live
  whole d.live
  [ "$1" = timer ] || { must 0 status "$P"; says "stoppable +no: .*$1"; }
  for sub in "hold $P --for 300ms" "dump $P --region $at --mode stop --max-pause 20s --force -o d.stop" \
    "dump $P --region $at --mode snapshot --force -o d.snapshot" "heap $P --mode stop"; do
    must 2 $sub
    says "$1"
  done
  runs
}
