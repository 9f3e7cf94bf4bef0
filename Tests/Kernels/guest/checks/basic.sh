# What memdump is for, in each mode, on a target whose state is known.

control() {
  start control fill=4
  place fill control
  control_of_stops
  row "control: kills of such a tool fail"
  if PATIENCE_S=2 lab kills "$P" "$S" 2 -- lab attach "$P" >c 2>&1; then fail "$(cat c)"; fi
  kill -CONT "$P"
  runs
  row "control: other bytes are not the same"
  head -c 4194304 /dev/zero >d.zeros
  (whole d.zeros; [ -n "$why" ]) || fail "zeros pass for the region"
  finish
}

basic() {
  start main fill=16 blocks=3000
  place fill main
  row "status, regions, strings"
  must 0 status "$P"
  says "running"
  must 0 regions "$P" --all
  must 0 strings "$P" --template --top 3
  row "scan: every text, each once"
  must 0 scan "$P" --pattern ipv4-port --json --top 0
  same texts "$(grep -c '"text":"10\.[0-9.]*:[0-9]*"' o)" 3016
  for mode in live stop snapshot; do
    row "dump --mode $mode: bytes as dd reads them"
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) -o d.$mode
    whole d.$mode
    runs
    row "core --mode $mode: verify, heap of it"
    must 0 dump "$P" --all --sha256 --mode $mode $(pause $mode) -o d.core
    must 0 verify d.core
    must 0 heap d.core
    says '^ *1,040 *3,000 '
    runs
    rm -f d.*
    row "heap --mode $mode: every chunk"
    must 0 heap "$P" --mode $mode $(pause $mode)
    says '^ *1,040 *3,000 '
    runs
  done
  row "refs names the variable"
  must 0 refs "$P" --size 1040 --max-pause 20s
  says lab_ring
  row "hold holds, then lets go"
  lab check "$P" "$S" >/dev/null # begins the longest gap anew
  must 0 hold "$P" --for 300ms
  runs
  gap=$(sed -n 's/.*gap \([0-9]*\) ms.*/\1/p' c)
  [ "$gap" -ge 280 ] || fail "the longest gap is $gap ms"
  row "rescue: nothing to do, and a stopped target"
  must 1 rescue "$P"
  kill -STOP "$P"
  usleep 100000
  must "0 1" status "$P"
  says stopped
  must 0 rescue "$P"
  runs
  row "watch: nothing grows"
  must 1 watch "$P" --every 500ms --count 4 --max-pause 20s
  runs
  finish
  row "watch: what grows, and who holds it"
  start grow blocks=3000 grow=2000000
  must 0 watch "$P" --every 2s --max-pause 20s
  says '1,?040.*lab_ring|held by.*lab_ring'
  runs
  finish
}

kills() {
  # As much as makes a stop long enough to be hit.
  start kills fill=96
  place fill kills
  for work in hold stop snapshot; do
    row "${tries:-21} kills of tool, holder, both: $work"
    if [ $work = hold ]; then set -- hold "$P" --max-pause 10s --for 10s
    else set -- dump "$P" --max-pause 10s --region "$at" --mode $work --force -o d.$work; fi
    timeout 400 lab kills "$P" "$S" "${tries:-21}" -- memdump "$@" >c 2>&1 || fail "$(cat c)"
    mark=$(cat c)
  done
  finish
}
